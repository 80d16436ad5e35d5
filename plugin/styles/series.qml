<!DOCTYPE qgis>
<qgis version="3.22.0" styleCategories="Symbology|Temporal" madeBy="fringelens">
 <renderer-v2 type="graduatedSymbol" attr="displacement_mm" graduatedMethod="GraduatedColor" symbollevels="0" forceraster="0" enableorderby="0">
  <ranges>
   <range symbol="0" lower="-1000000" upper="-100" label="less than -100 mm"/>
   <range symbol="1" lower="-100" upper="-50" label="-100 to -50 mm"/>
   <range symbol="2" lower="-50" upper="-20" label="-50 to -20 mm"/>
   <range symbol="3" lower="-20" upper="-10" label="-20 to -10 mm"/>
   <range symbol="4" lower="-10" upper="-5" label="-10 to -5 mm"/>
   <range symbol="5" lower="-5" upper="5" label="-5 to 5 mm"/>
   <range symbol="6" lower="5" upper="10" label="5 to 10 mm"/>
   <range symbol="7" lower="10" upper="20" label="10 to 20 mm"/>
   <range symbol="8" lower="20" upper="50" label="20 to 50 mm"/>
   <range symbol="9" lower="50" upper="100" label="50 to 100 mm"/>
   <range symbol="10" lower="100" upper="1000000" label="more than 100 mm"/>
  </ranges>
  <symbols>
   <symbol type="marker" name="0" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="name" value="circle"/>
       <Option type="QString" name="size" value="2.4"/>
       <Option type="QString" name="size_unit" value="MM"/>
       <Option type="QString" name="color" value="1,93,150,255"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="marker" name="1" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="name" value="circle"/>
       <Option type="QString" name="size" value="2.4"/>
       <Option type="QString" name="size_unit" value="MM"/>
       <Option type="QString" name="color" value="7,126,199,255"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="marker" name="2" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="name" value="circle"/>
       <Option type="QString" name="size" value="2.4"/>
       <Option type="QString" name="size_unit" value="MM"/>
       <Option type="QString" name="color" value="81,150,217,255"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="marker" name="3" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="name" value="circle"/>
       <Option type="QString" name="size" value="2.4"/>
       <Option type="QString" name="size_unit" value="MM"/>
       <Option type="QString" name="color" value="138,184,239,255"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="marker" name="4" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="name" value="circle"/>
       <Option type="QString" name="size" value="2.4"/>
       <Option type="QString" name="size_unit" value="MM"/>
       <Option type="QString" name="color" value="178,210,253,255"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="marker" name="5" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="name" value="circle"/>
       <Option type="QString" name="size" value="2.4"/>
       <Option type="QString" name="size_unit" value="MM"/>
       <Option type="QString" name="color" value="243,243,243,255"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="marker" name="6" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="name" value="circle"/>
       <Option type="QString" name="size" value="2.4"/>
       <Option type="QString" name="size_unit" value="MM"/>
       <Option type="QString" name="color" value="254,192,184,255"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="marker" name="7" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="name" value="circle"/>
       <Option type="QString" name="size" value="2.4"/>
       <Option type="QString" name="size_unit" value="MM"/>
       <Option type="QString" name="color" value="238,161,150,255"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="marker" name="8" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="name" value="circle"/>
       <Option type="QString" name="size" value="2.4"/>
       <Option type="QString" name="size_unit" value="MM"/>
       <Option type="QString" name="color" value="212,121,110,255"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="marker" name="9" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="name" value="circle"/>
       <Option type="QString" name="size" value="2.4"/>
       <Option type="QString" name="size_unit" value="MM"/>
       <Option type="QString" name="color" value="190,91,82,255"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="marker" name="10" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="name" value="circle"/>
       <Option type="QString" name="size" value="2.4"/>
       <Option type="QString" name="size_unit" value="MM"/>
       <Option type="QString" name="color" value="159,52,47,255"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <blendMode>0</blendMode>
 <featureBlendMode>0</featureBlendMode>
 <layerOpacity>1</layerOpacity>
 <temporal enabled="1" mode="1" startField="date" endField="" fixedDuration="12" durationUnit="d" durationField="" startExpression="" endExpression="" limitMode="0" accumulate="0">
  <fixedRange>
   <start></start>
   <end></end>
  </fixedRange>
 </temporal>
</qgis>
