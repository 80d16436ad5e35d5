<!DOCTYPE qgis>
<qgis version="3.22.0" styleCategories="Symbology" madeBy="fringelens">
 <pipe>
  <provider>
   <resampling enabled="false" maxOversampling="2" zoomedInResamplingMethod="nearestNeighbour" zoomedOutResamplingMethod="nearestNeighbour"/>
  </provider>
  <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" nodataColor="" classificationMin="0" classificationMax="1">
   <rasterTransparency/>
   <rastershader>
    <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" labelPrecision="4" minimumValue="0" maximumValue="1">
     <colorramp name="[source]" type="gradient">
      <Option type="Map">
       <Option name="color1" type="QString" value="255,243,209,255"/>
       <Option name="color2" type="QString" value="67,51,76,255"/>
       <Option name="discrete" type="QString" value="0"/>
       <Option name="rampType" type="QString" value="gradient"/>
       <Option name="stops" type="QString" value="0.0277778;254,236,194,255:0.0555556;254,229,180,255:0.0833333;255,222,166,255:0.111111;255,215,156,255:0.138889;255,207,147,255:0.166667;255,199,139,255:0.194444;255,191,132,255:0.222222;255,183,125,255:0.25;255,175,119,255:0.277778;255,166,113,255:0.305556;255,158,109,255:0.333333;255,149,105,255:0.361111;255,139,101,255:0.388889;255,130,99,255:0.416667;254,120,97,255:0.444444;251,111,98,255:0.472222;247,103,99,255:0.5;243,95,101,255:0.527778;237,88,103,255:0.555556;231,81,105,255:0.583333;224,75,108,255:0.611111;217,70,110,255:0.638889;208,65,112,255:0.666667;199,62,113,255:0.694444;189,60,115,255:0.722222;179,58,115,255:0.75;168,57,115,255:0.777778;157,57,115,255:0.805556;145,56,113,255:0.833333;133,56,111,255:0.861111;121,56,108,255:0.888889;110,56,103,255:0.916667;98,55,98,255:0.944444;87,54,92,255:0.972222;77,53,85,255"/>
      </Option>
     </colorramp>
     <item value="0" label="0 mm/yr" color="#fff3d1" alpha="255"/>
     <item value="0.0277778" label="0.0278 mm/yr" color="#feecc2" alpha="255"/>
     <item value="0.0555556" label="0.0556 mm/yr" color="#fee5b4" alpha="255"/>
     <item value="0.0833333" label="0.0833 mm/yr" color="#ffdea6" alpha="255"/>
     <item value="0.111111" label="0.111 mm/yr" color="#ffd79c" alpha="255"/>
     <item value="0.138889" label="0.139 mm/yr" color="#ffcf93" alpha="255"/>
     <item value="0.166667" label="0.167 mm/yr" color="#ffc78b" alpha="255"/>
     <item value="0.194444" label="0.194 mm/yr" color="#ffbf84" alpha="255"/>
     <item value="0.222222" label="0.222 mm/yr" color="#ffb77d" alpha="255"/>
     <item value="0.25" label="0.25 mm/yr" color="#ffaf77" alpha="255"/>
     <item value="0.277778" label="0.278 mm/yr" color="#ffa671" alpha="255"/>
     <item value="0.305556" label="0.306 mm/yr" color="#ff9e6d" alpha="255"/>
     <item value="0.333333" label="0.333 mm/yr" color="#ff9569" alpha="255"/>
     <item value="0.361111" label="0.361 mm/yr" color="#ff8b65" alpha="255"/>
     <item value="0.388889" label="0.389 mm/yr" color="#ff8263" alpha="255"/>
     <item value="0.416667" label="0.417 mm/yr" color="#fe7861" alpha="255"/>
     <item value="0.444444" label="0.444 mm/yr" color="#fb6f62" alpha="255"/>
     <item value="0.472222" label="0.472 mm/yr" color="#f76763" alpha="255"/>
     <item value="0.5" label="0.5 mm/yr" color="#f35f65" alpha="255"/>
     <item value="0.527778" label="0.528 mm/yr" color="#ed5867" alpha="255"/>
     <item value="0.555556" label="0.556 mm/yr" color="#e75169" alpha="255"/>
     <item value="0.583333" label="0.583 mm/yr" color="#e04b6c" alpha="255"/>
     <item value="0.611111" label="0.611 mm/yr" color="#d9466e" alpha="255"/>
     <item value="0.638889" label="0.639 mm/yr" color="#d04170" alpha="255"/>
     <item value="0.666667" label="0.667 mm/yr" color="#c73e71" alpha="255"/>
     <item value="0.694444" label="0.694 mm/yr" color="#bd3c73" alpha="255"/>
     <item value="0.722222" label="0.722 mm/yr" color="#b33a73" alpha="255"/>
     <item value="0.75" label="0.75 mm/yr" color="#a83973" alpha="255"/>
     <item value="0.777778" label="0.778 mm/yr" color="#9d3973" alpha="255"/>
     <item value="0.805556" label="0.806 mm/yr" color="#913871" alpha="255"/>
     <item value="0.833333" label="0.833 mm/yr" color="#85386f" alpha="255"/>
     <item value="0.861111" label="0.861 mm/yr" color="#79386c" alpha="255"/>
     <item value="0.888889" label="0.889 mm/yr" color="#6e3867" alpha="255"/>
     <item value="0.916667" label="0.917 mm/yr" color="#623762" alpha="255"/>
     <item value="0.944444" label="0.944 mm/yr" color="#57365c" alpha="255"/>
     <item value="0.972222" label="0.972 mm/yr" color="#4d3555" alpha="255"/>
     <item value="1" label="1 mm/yr" color="#43334c" alpha="255"/>
    </colorrampshader>
   </rastershader>
  </rasterrenderer>
  <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
  <rasterresampler maxOversampling="2"/>
 </pipe>
 <blendMode>0</blendMode>
</qgis>
