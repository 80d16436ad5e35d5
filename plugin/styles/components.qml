<!DOCTYPE qgis>
<qgis version="3.22.0" styleCategories="Symbology" madeBy="fringelens">
 <pipe>
  <provider>
   <resampling enabled="false" maxOversampling="2" zoomedInResamplingMethod="nearestNeighbour" zoomedOutResamplingMethod="nearestNeighbour"/>
  </provider>
  <rasterrenderer type="paletted" band="1" opacity="1" alphaBand="-1" nodataColor="">
   <rasterTransparency/>
   <colorPalette>
    <paletteEntry value="0" label="none" color="#9a9a9a" alpha="160"/>
    <paletteEntry value="1" label="1 (largest)" color="#4477aa" alpha="190"/>
    <paletteEntry value="2" label="2" color="#ee6677" alpha="190"/>
    <paletteEntry value="3" label="3" color="#228833" alpha="190"/>
    <paletteEntry value="4" label="4" color="#ccbb44" alpha="190"/>
    <paletteEntry value="5" label="5" color="#66ccee" alpha="190"/>
    <paletteEntry value="6" label="6" color="#aa3377" alpha="190"/>
    <paletteEntry value="7" label="7" color="#ee8866" alpha="190"/>
    <paletteEntry value="8" label="8" color="#44bb99" alpha="190"/>
    <paletteEntry value="9" label="9" color="#bbcc33" alpha="190"/>
    <paletteEntry value="10" label="10" color="#99ddff" alpha="190"/>
   </colorPalette>
  </rasterrenderer>
  <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
  <rasterresampler maxOversampling="2"/>
 </pipe>
 <blendMode>0</blendMode>
</qgis>
