<!DOCTYPE qgis>
<qgis version="3.22.0" styleCategories="Symbology" madeBy="fringelens">
 <pipe>
  <provider>
   <resampling enabled="false" maxOversampling="2" zoomedInResamplingMethod="nearestNeighbour" zoomedOutResamplingMethod="nearestNeighbour"/>
  </provider>
  <rasterrenderer type="singlebandpseudocolor" band="3" opacity="1" alphaBand="-1" nodataColor="" classificationMin="0" classificationMax="1">
   <rasterTransparency/>
   <rastershader>
    <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" labelPrecision="4" minimumValue="0" maximumValue="1">
     <colorramp name="[source]" type="gradient">
      <Option type="Map">
       <Option name="color1" type="QString" value="0,0,0,255"/>
       <Option name="color2" type="QString" value="255,255,255,255"/>
       <Option name="discrete" type="QString" value="0"/>
       <Option name="rampType" type="QString" value="gradient"/>
       <Option name="stops" type="QString" value="0.0277778;10,10,10,255:0.0555556;18,18,18,255:0.0833333;24,24,24,255:0.111111;30,30,30,255:0.138889;35,35,35,255:0.166667;41,41,41,255:0.194444;47,47,47,255:0.222222;53,53,53,255:0.25;59,59,59,255:0.277778;66,66,66,255:0.305556;72,72,72,255:0.333333;78,78,78,255:0.361111;85,85,85,255:0.388889;92,92,92,255:0.416667;98,98,98,255:0.444444;105,105,105,255:0.472222;112,112,112,255:0.5;119,119,119,255:0.527778;126,126,126,255:0.555556;133,133,133,255:0.583333;140,140,140,255:0.611111;147,147,147,255:0.638889;155,155,155,255:0.666667;162,162,162,255:0.694444;170,170,170,255:0.722222;177,177,177,255:0.75;185,185,185,255:0.777778;192,192,192,255:0.805556;200,200,200,255:0.833333;208,208,208,255:0.861111;215,215,215,255:0.888889;223,223,223,255:0.916667;231,231,231,255:0.944444;239,239,239,255:0.972222;247,247,247,255"/>
      </Option>
     </colorramp>
     <item value="0" label="0" color="#000000" alpha="255"/>
     <item value="0.0277778" label="0.0278" color="#0a0a0a" alpha="255"/>
     <item value="0.0555556" label="0.0556" color="#121212" alpha="255"/>
     <item value="0.0833333" label="0.0833" color="#181818" alpha="255"/>
     <item value="0.111111" label="0.111" color="#1e1e1e" alpha="255"/>
     <item value="0.138889" label="0.139" color="#232323" alpha="255"/>
     <item value="0.166667" label="0.167" color="#292929" alpha="255"/>
     <item value="0.194444" label="0.194" color="#2f2f2f" alpha="255"/>
     <item value="0.222222" label="0.222" color="#353535" alpha="255"/>
     <item value="0.25" label="0.25" color="#3b3b3b" alpha="255"/>
     <item value="0.277778" label="0.278" color="#424242" alpha="255"/>
     <item value="0.305556" label="0.306" color="#484848" alpha="255"/>
     <item value="0.333333" label="0.333" color="#4e4e4e" alpha="255"/>
     <item value="0.361111" label="0.361" color="#555555" alpha="255"/>
     <item value="0.388889" label="0.389" color="#5c5c5c" alpha="255"/>
     <item value="0.416667" label="0.417" color="#626262" alpha="255"/>
     <item value="0.444444" label="0.444" color="#696969" alpha="255"/>
     <item value="0.472222" label="0.472" color="#707070" alpha="255"/>
     <item value="0.5" label="0.5" color="#777777" alpha="255"/>
     <item value="0.527778" label="0.528" color="#7e7e7e" alpha="255"/>
     <item value="0.555556" label="0.556" color="#858585" alpha="255"/>
     <item value="0.583333" label="0.583" color="#8c8c8c" alpha="255"/>
     <item value="0.611111" label="0.611" color="#939393" alpha="255"/>
     <item value="0.638889" label="0.639" color="#9b9b9b" alpha="255"/>
     <item value="0.666667" label="0.667" color="#a2a2a2" alpha="255"/>
     <item value="0.694444" label="0.694" color="#aaaaaa" alpha="255"/>
     <item value="0.722222" label="0.722" color="#b1b1b1" alpha="255"/>
     <item value="0.75" label="0.75" color="#b9b9b9" alpha="255"/>
     <item value="0.777778" label="0.778" color="#c0c0c0" alpha="255"/>
     <item value="0.805556" label="0.806" color="#c8c8c8" alpha="255"/>
     <item value="0.833333" label="0.833" color="#d0d0d0" alpha="255"/>
     <item value="0.861111" label="0.861" color="#d7d7d7" alpha="255"/>
     <item value="0.888889" label="0.889" color="#dfdfdf" alpha="255"/>
     <item value="0.916667" label="0.917" color="#e7e7e7" alpha="255"/>
     <item value="0.944444" label="0.944" color="#efefef" alpha="255"/>
     <item value="0.972222" label="0.972" color="#f7f7f7" alpha="255"/>
     <item value="1" label="1" color="#ffffff" alpha="255"/>
    </colorrampshader>
   </rastershader>
  </rasterrenderer>
  <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
  <rasterresampler maxOversampling="2"/>
 </pipe>
 <blendMode>0</blendMode>
</qgis>
