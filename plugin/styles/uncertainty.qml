<!DOCTYPE qgis>
<qgis version="3.22.0" styleCategories="Symbology" madeBy="fringelens">
 <pipe>
  <provider>
   <resampling enabled="false" maxOversampling="2" zoomedInResamplingMethod="nearestNeighbour" zoomedOutResamplingMethod="nearestNeighbour"/>
  </provider>
  <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" nodataColor="" classificationMin="0" classificationMax="0.3">
   <rasterTransparency/>
   <rastershader>
    <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" labelPrecision="4" minimumValue="0" maximumValue="0.3">
     <colorramp name="[source]" type="gradient">
      <Option type="Map">
       <Option name="color1" type="QString" value="255,243,209,255"/>
       <Option name="color2" type="QString" value="67,51,76,255"/>
       <Option name="discrete" type="QString" value="0"/>
       <Option name="rampType" type="QString" value="gradient"/>
       <Option name="stops" type="QString" value="0.0277778;254,236,194,255:0.0555556;254,229,180,255:0.0833333;255,222,166,255:0.111111;255,215,156,255:0.138889;255,207,147,255:0.166667;255,199,139,255:0.194444;255,191,132,255:0.222222;255,183,125,255:0.25;255,175,119,255:0.277778;255,166,113,255:0.305556;255,158,109,255:0.333333;255,149,105,255:0.361111;255,139,101,255:0.388889;255,130,99,255:0.416667;254,120,97,255:0.444444;251,111,98,255:0.472222;247,103,99,255:0.5;243,95,101,255:0.527778;237,88,103,255:0.555556;231,81,105,255:0.583333;224,75,108,255:0.611111;217,70,110,255:0.638889;208,65,112,255:0.666667;199,62,113,255:0.694444;189,60,115,255:0.722222;179,58,115,255:0.75;168,57,115,255:0.777778;157,57,115,255:0.805556;145,56,113,255:0.833333;133,56,111,255:0.861111;121,56,108,255:0.888889;110,56,103,255:0.916667;98,55,98,255:0.944444;87,54,92,255:0.972222;77,53,85,255"/>
      </Option>
     </colorramp>
     <item value="0" label="0" color="#fff3d1" alpha="255"/>
     <item value="0.00833333" label="0.00833" color="#feecc2" alpha="255"/>
     <item value="0.0166667" label="0.0167" color="#fee5b4" alpha="255"/>
     <item value="0.025" label="0.025" color="#ffdea6" alpha="255"/>
     <item value="0.0333333" label="0.0333" color="#ffd79c" alpha="255"/>
     <item value="0.0416667" label="0.0417" color="#ffcf93" alpha="255"/>
     <item value="0.05" label="0.05" color="#ffc78b" alpha="255"/>
     <item value="0.0583333" label="0.0583" color="#ffbf84" alpha="255"/>
     <item value="0.0666667" label="0.0667" color="#ffb77d" alpha="255"/>
     <item value="0.075" label="0.075" color="#ffaf77" alpha="255"/>
     <item value="0.0833333" label="0.0833" color="#ffa671" alpha="255"/>
     <item value="0.0916667" label="0.0917" color="#ff9e6d" alpha="255"/>
     <item value="0.1" label="0.1" color="#ff9569" alpha="255"/>
     <item value="0.108333" label="0.108" color="#ff8b65" alpha="255"/>
     <item value="0.116667" label="0.117" color="#ff8263" alpha="255"/>
     <item value="0.125" label="0.125" color="#fe7861" alpha="255"/>
     <item value="0.133333" label="0.133" color="#fb6f62" alpha="255"/>
     <item value="0.141667" label="0.142" color="#f76763" alpha="255"/>
     <item value="0.15" label="0.15" color="#f35f65" alpha="255"/>
     <item value="0.158333" label="0.158" color="#ed5867" alpha="255"/>
     <item value="0.166667" label="0.167" color="#e75169" alpha="255"/>
     <item value="0.175" label="0.175" color="#e04b6c" alpha="255"/>
     <item value="0.183333" label="0.183" color="#d9466e" alpha="255"/>
     <item value="0.191667" label="0.192" color="#d04170" alpha="255"/>
     <item value="0.2" label="0.2" color="#c73e71" alpha="255"/>
     <item value="0.208333" label="0.208" color="#bd3c73" alpha="255"/>
     <item value="0.216667" label="0.217" color="#b33a73" alpha="255"/>
     <item value="0.225" label="0.225" color="#a83973" alpha="255"/>
     <item value="0.233333" label="0.233" color="#9d3973" alpha="255"/>
     <item value="0.241667" label="0.242" color="#913871" alpha="255"/>
     <item value="0.25" label="0.25" color="#85386f" alpha="255"/>
     <item value="0.258333" label="0.258" color="#79386c" alpha="255"/>
     <item value="0.266667" label="0.267" color="#6e3867" alpha="255"/>
     <item value="0.275" label="0.275" color="#623762" alpha="255"/>
     <item value="0.283333" label="0.283" color="#57365c" alpha="255"/>
     <item value="0.291667" label="0.292" color="#4d3555" alpha="255"/>
     <item value="0.3" label="0.3" color="#43334c" alpha="255"/>
    </colorrampshader>
   </rastershader>
  </rasterrenderer>
  <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
  <rasterresampler maxOversampling="2"/>
 </pipe>
 <blendMode>0</blendMode>
</qgis>
