<!DOCTYPE qgis>
<qgis version="3.22.0" styleCategories="Symbology" madeBy="fringelens">
 <pipe>
  <provider>
   <resampling enabled="false" maxOversampling="2" zoomedInResamplingMethod="nearestNeighbour" zoomedOutResamplingMethod="nearestNeighbour"/>
  </provider>
  <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" nodataColor="" classificationMin="-3.14159" classificationMax="3.14159">
   <rasterTransparency/>
   <rastershader>
    <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" labelPrecision="4" minimumValue="-3.14159" maximumValue="3.14159">
     <colorramp name="[source]" type="gradient">
      <Option type="Map">
       <Option name="color1" type="QString" value="236,144,172,255"/>
       <Option name="color2" type="QString" value="236,144,172,255"/>
       <Option name="discrete" type="QString" value="0"/>
       <Option name="rampType" type="QString" value="gradient"/>
       <Option name="stops" type="QString" value="0.0277778;238,144,161,255:0.0555556;239,145,149,255:0.0833333;237,147,138,255:0.111111;234,150,128,255:0.138889;229,153,119,255:0.166667;222,157,112,255:0.194444;214,161,106,255:0.222222;204,165,103,255:0.25;194,169,101,255:0.277778;182,173,102,255:0.305556;170,176,105,255:0.333333;158,179,110,255:0.361111;144,182,117,255:0.388889;131,184,125,255:0.416667;116,186,135,255:0.444444;101,188,146,255:0.472222;85,189,158,255:0.5;68,190,170,255:0.527778;50,190,182,255:0.555556;30,189,194,255:0.583333;10,189,205,255:0.611111;11,188,215,255:0.638889;33,186,223,255:0.666667;56,184,230,255:0.694444;78,181,236,255:0.722222;100,178,239,255:0.75;120,174,240,255:0.777778;140,171,239,255:0.805556;158,166,236,255:0.833333;175,162,231,255:0.861111;190,158,224,255:0.888889;203,154,216,255:0.916667;215,150,206,255:0.944444;224,147,196,255:0.972222;231,145,184,255"/>
      </Option>
     </colorramp>
     <item value="-3.14159" label="-3.14 rad" color="#ec90ac" alpha="255"/>
     <item value="-2.96706" label="-2.97 rad" color="#ee90a1" alpha="255"/>
     <item value="-2.79253" label="-2.79 rad" color="#ef9195" alpha="255"/>
     <item value="-2.61799" label="-2.62 rad" color="#ed938a" alpha="255"/>
     <item value="-2.44346" label="-2.44 rad" color="#ea9680" alpha="255"/>
     <item value="-2.26893" label="-2.27 rad" color="#e59977" alpha="255"/>
     <item value="-2.0944" label="-2.09 rad" color="#de9d70" alpha="255"/>
     <item value="-1.91986" label="-1.92 rad" color="#d6a16a" alpha="255"/>
     <item value="-1.74533" label="-1.75 rad" color="#cca567" alpha="255"/>
     <item value="-1.5708" label="-1.57 rad" color="#c2a965" alpha="255"/>
     <item value="-1.39626" label="-1.4 rad" color="#b6ad66" alpha="255"/>
     <item value="-1.22173" label="-1.22 rad" color="#aab069" alpha="255"/>
     <item value="-1.0472" label="-1.05 rad" color="#9eb36e" alpha="255"/>
     <item value="-0.872665" label="-0.873 rad" color="#90b675" alpha="255"/>
     <item value="-0.698132" label="-0.698 rad" color="#83b87d" alpha="255"/>
     <item value="-0.523599" label="-0.524 rad" color="#74ba87" alpha="255"/>
     <item value="-0.349066" label="-0.349 rad" color="#65bc92" alpha="255"/>
     <item value="-0.174533" label="-0.175 rad" color="#55bd9e" alpha="255"/>
     <item value="0" label="0 rad" color="#44beaa" alpha="255"/>
     <item value="0.174533" label="0.175 rad" color="#32beb6" alpha="255"/>
     <item value="0.349066" label="0.349 rad" color="#1ebdc2" alpha="255"/>
     <item value="0.523599" label="0.524 rad" color="#0abdcd" alpha="255"/>
     <item value="0.698132" label="0.698 rad" color="#0bbcd7" alpha="255"/>
     <item value="0.872665" label="0.873 rad" color="#21badf" alpha="255"/>
     <item value="1.0472" label="1.05 rad" color="#38b8e6" alpha="255"/>
     <item value="1.22173" label="1.22 rad" color="#4eb5ec" alpha="255"/>
     <item value="1.39626" label="1.4 rad" color="#64b2ef" alpha="255"/>
     <item value="1.5708" label="1.57 rad" color="#78aef0" alpha="255"/>
     <item value="1.74533" label="1.75 rad" color="#8cabef" alpha="255"/>
     <item value="1.91986" label="1.92 rad" color="#9ea6ec" alpha="255"/>
     <item value="2.0944" label="2.09 rad" color="#afa2e7" alpha="255"/>
     <item value="2.26893" label="2.27 rad" color="#be9ee0" alpha="255"/>
     <item value="2.44346" label="2.44 rad" color="#cb9ad8" alpha="255"/>
     <item value="2.61799" label="2.62 rad" color="#d796ce" alpha="255"/>
     <item value="2.79253" label="2.79 rad" color="#e093c4" alpha="255"/>
     <item value="2.96706" label="2.97 rad" color="#e791b8" alpha="255"/>
     <item value="3.14159" label="3.14 rad" color="#ec90ac" alpha="255"/>
    </colorrampshader>
   </rastershader>
  </rasterrenderer>
  <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
  <rasterresampler maxOversampling="2"/>
 </pipe>
 <blendMode>0</blendMode>
</qgis>
