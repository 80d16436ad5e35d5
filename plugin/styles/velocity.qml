<!DOCTYPE qgis>
<qgis version="3.22.0" styleCategories="Symbology" madeBy="fringelens">
 <pipe>
  <provider>
   <resampling enabled="false" maxOversampling="2" zoomedInResamplingMethod="nearestNeighbour" zoomedOutResamplingMethod="nearestNeighbour"/>
  </provider>
  <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" nodataColor="" classificationMin="-1" classificationMax="1">
   <rasterTransparency/>
   <rastershader>
    <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" labelPrecision="4" minimumValue="-1" maximumValue="1">
     <colorramp name="[source]" type="gradient">
      <Option type="Map">
       <Option name="color1" type="QString" value="1,93,150,255"/>
       <Option name="color2" type="QString" value="159,52,47,255"/>
       <Option name="discrete" type="QString" value="0"/>
       <Option name="rampType" type="QString" value="gradient"/>
       <Option name="stops" type="QString" value="0.0277778;0,101,162,255:0.0555556;4,110,174,255:0.0833333;1,118,187,255:0.111111;7,126,199,255:0.138889;44,134,205,255:0.166667;65,142,211,255:0.194444;81,150,217,255:0.222222;97,159,223,255:0.25;111,167,229,255:0.277778;125,175,234,255:0.305556;138,184,239,255:0.333333;151,192,244,255:0.361111;165,201,249,255:0.388889;178,210,253,255:0.416667;192,218,255,255:0.444444;208,227,255,255:0.472222;223,235,255,255:0.5;243,243,243,255:0.527778;255,229,225,255:0.555556;255,217,211,255:0.583333;255,204,197,255:0.611111;254,192,184,255:0.638889;249,182,172,255:0.666667;244,171,161,255:0.694444;238,161,150,255:0.722222;232,151,140,255:0.75;226,140,130,255:0.777778;219,131,120,255:0.805556;212,121,110,255:0.833333;205,111,100,255:0.861111;198,101,91,255:0.888889;190,91,82,255:0.916667;183,82,73,255:0.944444;175,72,64,255:0.972222;167,62,56,255"/>
      </Option>
     </colorramp>
     <item value="-1" label="-1 mm/yr" color="#015d96" alpha="255"/>
     <item value="-0.944444" label="-0.944 mm/yr" color="#0065a2" alpha="255"/>
     <item value="-0.888889" label="-0.889 mm/yr" color="#046eae" alpha="255"/>
     <item value="-0.833333" label="-0.833 mm/yr" color="#0176bb" alpha="255"/>
     <item value="-0.777778" label="-0.778 mm/yr" color="#077ec7" alpha="255"/>
     <item value="-0.722222" label="-0.722 mm/yr" color="#2c86cd" alpha="255"/>
     <item value="-0.666667" label="-0.667 mm/yr" color="#418ed3" alpha="255"/>
     <item value="-0.611111" label="-0.611 mm/yr" color="#5196d9" alpha="255"/>
     <item value="-0.555556" label="-0.556 mm/yr" color="#619fdf" alpha="255"/>
     <item value="-0.5" label="-0.5 mm/yr" color="#6fa7e5" alpha="255"/>
     <item value="-0.444444" label="-0.444 mm/yr" color="#7dafea" alpha="255"/>
     <item value="-0.388889" label="-0.389 mm/yr" color="#8ab8ef" alpha="255"/>
     <item value="-0.333333" label="-0.333 mm/yr" color="#97c0f4" alpha="255"/>
     <item value="-0.277778" label="-0.278 mm/yr" color="#a5c9f9" alpha="255"/>
     <item value="-0.222222" label="-0.222 mm/yr" color="#b2d2fd" alpha="255"/>
     <item value="-0.166667" label="-0.167 mm/yr" color="#c0daff" alpha="255"/>
     <item value="-0.111111" label="-0.111 mm/yr" color="#d0e3ff" alpha="255"/>
     <item value="-0.0555556" label="-0.0556 mm/yr" color="#dfebff" alpha="255"/>
     <item value="0" label="0 mm/yr" color="#f3f3f3" alpha="255"/>
     <item value="0.0555556" label="0.0556 mm/yr" color="#ffe5e1" alpha="255"/>
     <item value="0.111111" label="0.111 mm/yr" color="#ffd9d3" alpha="255"/>
     <item value="0.166667" label="0.167 mm/yr" color="#ffccc5" alpha="255"/>
     <item value="0.222222" label="0.222 mm/yr" color="#fec0b8" alpha="255"/>
     <item value="0.277778" label="0.278 mm/yr" color="#f9b6ac" alpha="255"/>
     <item value="0.333333" label="0.333 mm/yr" color="#f4aba1" alpha="255"/>
     <item value="0.388889" label="0.389 mm/yr" color="#eea196" alpha="255"/>
     <item value="0.444444" label="0.444 mm/yr" color="#e8978c" alpha="255"/>
     <item value="0.5" label="0.5 mm/yr" color="#e28c82" alpha="255"/>
     <item value="0.555556" label="0.556 mm/yr" color="#db8378" alpha="255"/>
     <item value="0.611111" label="0.611 mm/yr" color="#d4796e" alpha="255"/>
     <item value="0.666667" label="0.667 mm/yr" color="#cd6f64" alpha="255"/>
     <item value="0.722222" label="0.722 mm/yr" color="#c6655b" alpha="255"/>
     <item value="0.777778" label="0.778 mm/yr" color="#be5b52" alpha="255"/>
     <item value="0.833333" label="0.833 mm/yr" color="#b75249" alpha="255"/>
     <item value="0.888889" label="0.889 mm/yr" color="#af4840" alpha="255"/>
     <item value="0.944444" label="0.944 mm/yr" color="#a73e38" alpha="255"/>
     <item value="1" label="1 mm/yr" color="#9f342f" alpha="255"/>
    </colorrampshader>
   </rastershader>
  </rasterrenderer>
  <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
  <rasterresampler maxOversampling="2"/>
 </pipe>
 <blendMode>0</blendMode>
</qgis>
