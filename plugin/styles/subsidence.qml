<!DOCTYPE qgis>
<qgis version="3.22.0" styleCategories="Symbology" madeBy="fringelens">
 <renderer-v2 type="graduatedSymbol" attr="score" graduatedMethod="GraduatedColor" symbollevels="0" forceraster="0" enableorderby="0">
  <ranges>
   <range symbol="0" lower="0" upper="0.5" label="0 to 0.5"/>
   <range symbol="1" lower="0.5" upper="0.6" label="0.5 to 0.6"/>
   <range symbol="2" lower="0.6" upper="0.7" label="0.6 to 0.7"/>
   <range symbol="3" lower="0.7" upper="0.8" label="0.7 to 0.8"/>
   <range symbol="4" lower="0.8" upper="0.9" label="0.8 to 0.9"/>
   <range symbol="5" lower="0.9" upper="1" label="0.9 to 1"/>
  </ranges>
  <symbols>
   <symbol type="fill" name="0" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleFill" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="style" value="solid"/>
       <Option type="QString" name="color" value="255,243,209,80"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="fill" name="1" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleFill" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="style" value="solid"/>
       <Option type="QString" name="color" value="255,191,132,80"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="fill" name="2" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleFill" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="style" value="solid"/>
       <Option type="QString" name="color" value="255,130,99,80"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="fill" name="3" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleFill" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="style" value="solid"/>
       <Option type="QString" name="color" value="217,70,110,80"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="fill" name="4" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleFill" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="style" value="solid"/>
       <Option type="QString" name="color" value="145,56,113,80"/>
       <Option type="QString" name="outline_color" value="38,38,58,255"/>
       <Option type="QString" name="outline_width" value="0.3"/>
       <Option type="QString" name="outline_width_unit" value="MM"/>
      </Option>
     </layer>
   </symbol>
   <symbol type="fill" name="5" alpha="1" clip_to_extent="1" force_rhr="0">
     <layer class="SimpleFill" enabled="1" locked="0" pass="0">
      <Option type="Map">
       <Option type="QString" name="style" value="solid"/>
       <Option type="QString" name="color" value="67,51,76,80"/>
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
</qgis>
