<!DOCTYPE qgis>
<qgis version="3.22.0" styleCategories="Symbology" madeBy="fringelens">
 <pipe>
  <provider>
   <resampling enabled="false" maxOversampling="2" zoomedInResamplingMethod="nearestNeighbour" zoomedOutResamplingMethod="nearestNeighbour"/>
  </provider>
  <rasterrenderer type="paletted" band="1" opacity="1" alphaBand="-1" nodataColor="">
   <rasterTransparency/>
   <colorPalette>
    <paletteEntry value="0" label="none" color="#ffffff" alpha="0"/>
    <paletteEntry value="1" label="component 1" color="#f39179" alpha="255"/>
    <paletteEntry value="2" label="component 2" color="#1ec0a6" alpha="255"/>
    <paletteEntry value="3" label="component 3" color="#c999e5" alpha="255"/>
    <paletteEntry value="4" label="component 4" color="#c1aa58" alpha="255"/>
    <paletteEntry value="5" label="component 5" color="#07bae1" alpha="255"/>
    <paletteEntry value="6" label="component 6" color="#f88aa2" alpha="255"/>
    <paletteEntry value="7" label="component 7" color="#71bc7b" alpha="255"/>
    <paletteEntry value="8" label="component 8" color="#89a9fb" alpha="255"/>
    <paletteEntry value="9" label="component 9" color="#e59a65" alpha="255"/>
    <paletteEntry value="10" label="component 10" color="#00bec0" alpha="255"/>
    <paletteEntry value="11" label="component 11" color="#e490ce" alpha="255"/>
    <paletteEntry value="12" label="component 12" color="#a5b25d" alpha="255"/>
    <paletteEntry value="13" label="component 13" color="#19b7f7" alpha="255"/>
    <paletteEntry value="14" label="component 14" color="#f88d87" alpha="255"/>
    <paletteEntry value="15" label="component 15" color="#47bf95" alpha="255"/>
    <paletteEntry value="16" label="component 16" color="#b49ff0" alpha="255"/>
    <paletteEntry value="17" label="component 17" color="#d0a45a" alpha="255"/>
    <paletteEntry value="18" label="component 18" color="#08bcd4" alpha="255"/>
    <paletteEntry value="19" label="component 19" color="#f48ab3" alpha="255"/>
    <paletteEntry value="20" label="component 20" color="#86b96d" alpha="255"/>
    <paletteEntry value="21" label="component 21" color="#69affc" alpha="255"/>
    <paletteEntry value="22" label="component 22" color="#ef9470" alpha="255"/>
    <paletteEntry value="23" label="component 23" color="#03c0b1" alpha="255"/>
    <paletteEntry value="24" label="component 24" color="#d495dd" alpha="255"/>
    <paletteEntry value="25" label="component 25" color="#b7ad59" alpha="255"/>
    <paletteEntry value="26" label="component 26" color="#03b9e9" alpha="255"/>
    <paletteEntry value="27" label="component 27" color="#f98a98" alpha="255"/>
    <paletteEntry value="28" label="component 28" color="#63bd84" alpha="255"/>
    <paletteEntry value="29" label="component 29" color="#9aa6f8" alpha="255"/>
    <paletteEntry value="30" label="component 30" color="#de9e60" alpha="255"/>
    <paletteEntry value="31" label="component 31" color="#05bdc8" alpha="255"/>
    <paletteEntry value="32" label="component 32" color="#eb8dc4" alpha="255"/>
    <paletteEntry value="33" label="component 33" color="#9ab562" alpha="255"/>
    <paletteEntry value="34" label="component 34" color="#41b4fa" alpha="255"/>
    <paletteEntry value="35" label="component 35" color="#f58f7e" alpha="255"/>
    <paletteEntry value="36" label="component 36" color="#31c09f" alpha="255"/>
    <paletteEntry value="37" label="component 37" color="#c19bea" alpha="255"/>
    <paletteEntry value="38" label="component 38" color="#c7a858" alpha="255"/>
    <paletteEntry value="39" label="component 39" color="#01bbdc" alpha="255"/>
    <paletteEntry value="40" label="component 40" color="#f78aa9" alpha="255"/>
    <paletteEntry value="41" label="component 41" color="#79bb75" alpha="255"/>
    <paletteEntry value="42" label="component 42" color="#7dacfc" alpha="255"/>
    <paletteEntry value="43" label="component 43" color="#e99869" alpha="255"/>
    <paletteEntry value="44" label="component 44" color="#01bfba" alpha="255"/>
    <paletteEntry value="45" label="component 45" color="#de92d4" alpha="255"/>
    <paletteEntry value="46" label="component 46" color="#acb05b" alpha="255"/>
    <paletteEntry value="47" label="component 47" color="#04b8f3" alpha="255"/>
    <paletteEntry value="48" label="component 48" color="#f98c8d" alpha="255"/>
    <paletteEntry value="49" label="component 49" color="#52be8e" alpha="255"/>
    <paletteEntry value="50" label="component 50" color="#aaa2f3" alpha="255"/>
    <paletteEntry value="51" label="component 51" color="#d6a25b" alpha="255"/>
    <paletteEntry value="52" label="component 52" color="#07bcd0" alpha="255"/>
    <paletteEntry value="53" label="component 53" color="#f18bba" alpha="255"/>
    <paletteEntry value="54" label="component 54" color="#8eb769" alpha="255"/>
    <paletteEntry value="55" label="component 55" color="#5bb1fc" alpha="255"/>
    <paletteEntry value="56" label="component 56" color="#f19275" alpha="255"/>
    <paletteEntry value="57" label="component 57" color="#07c0aa" alpha="255"/>
    <paletteEntry value="58" label="component 58" color="#ce97e2" alpha="255"/>
    <paletteEntry value="59" label="component 59" color="#bdab58" alpha="255"/>
    <paletteEntry value="60" label="component 60" color="#08bae4" alpha="255"/>
    <paletteEntry value="61" label="component 61" color="#f98a9e" alpha="255"/>
    <paletteEntry value="62" label="component 62" color="#6cbc7e" alpha="255"/>
    <paletteEntry value="63" label="component 63" color="#90a8fa" alpha="255"/>
    <paletteEntry value="64" label="component 64" color="#e29c63" alpha="255"/>
   </colorPalette>
  </rasterrenderer>
  <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
  <rasterresampler maxOversampling="2"/>
 </pipe>
 <blendMode>0</blendMode>
</qgis>
