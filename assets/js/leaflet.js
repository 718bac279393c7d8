// Leaflet, where its plugins look for it.
import * as L from "leaflet";

globalThis.L = L;
export default L;
