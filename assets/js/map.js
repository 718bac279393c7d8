// The map. It stands in for the plain drawing that the page holds, from the same data.
import L from "./leaflet.js";
import "leaflet.markercluster";

const holder = document.querySelector("[data-map]");
const data = document.getElementById("map-data");
if (holder && data) draw(holder, JSON.parse(data.textContent));

function draw(holder, { tiles, from, within_m, pins, labels }) {
  const name = holder.querySelector("svg")?.getAttribute("aria-label") ?? "Map";
  holder.replaceChildren();
  holder.classList.add("map--live");
  holder.setAttribute("role", "region");
  holder.setAttribute("aria-label", `${name}. Move it with the arrow keys. Use plus and minus to look closer or further.`);
  const still = {
    zoomSnap: tiles ? 1 : 0.25,
    zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false };
  const map = L.map(holder, { ...still, scrollWheelZoom: false, zoomControl: false, maxZoom: 18, minZoom: 6 });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: "Look closer", zoomOutTitle: "Look further" }).addTo(map);
  L.control.scale({ maxWidth: 140 }).addTo(map);
  const bounds = L.latLngBounds(pins.map(at));
  if (from) bounds.extend(within_m ? L.latLng(at(from)).toBounds(2 * within_m) : at(from));
  const edge = holder.clientWidth < 500 ? 24 : 40;
  const right = from && !within_m ? 90 : edge; // room for the name of where one starts
  map.fitBounds(bounds, { paddingTopLeft: [edge, edge], paddingBottomRight: [right, edge], maxZoom: 16, animate: false });
  if (tiles) L.tileLayer(tiles.url, { attribution: safe(tiles.credit), maxZoom: 18 }).addTo(map);
  else plainGround(map, labels, from);
  if (from) {
    if (within_m) L.circle(at(from), { radius: within_m, className: "map__circle", interactive: false }).addTo(map);
    L.marker(at(from), { icon: here(from.text), interactive: false, keyboard: false }).addTo(map);
  }
  const group = L.markerClusterGroup({
    animate: false,
    showCoverageOnHover: false,
    maxClusterRadius: 36,
    iconCreateFunction: (cluster) => together(cluster.getChildCount()),
  });
  group.addLayers(pins.map((pin) => marker(pin, pins.length > 1)));
  group.addTo(map);
  keepFocus(map);
}

function at({ point }) {
  return [point.lat, point.lon];
}

/** A soft grid with the names of districts, where there are no tiles. */
function plainGround(map, labels, from) {
  const Grid = L.GridLayer.extend({
    createTile: () => Object.assign(document.createElement("div"), { className: "map__square" }),
  });
  new Grid({ tileSize: 128, noWrap: true }).addTo(map);
  const names = labels.map((label) => {
    const icon = L.divIcon({ className: "map__label", html: `<span aria-hidden="true">${safe(label.text)}</span>`, iconSize: [80, 24] });
    return L.marker(at(label), { icon, interactive: false, keyboard: false, zIndexOffset: -1000 });
  });
  const place = () => {
    const taken = from ? [map.latLngToLayerPoint(at(from))] : [];
    for (const name of names) {
      const point = map.latLngToLayerPoint(name.getLatLng());
      const free = taken.every((other) => Math.abs(other.x - point.x) > 64 || Math.abs(other.y - point.y) > 26);
      if (free) taken.push(point);
      if (free !== map.hasLayer(name)) free ? name.addTo(map) : name.remove();
    }
  };
  map.on("zoomend", place);
  place();
}

function here(text) {
  return L.divIcon({ className: "map__here", html: `<span>${safe(text)}</span>`, iconSize: [22, 22] });
}

function together(count) {
  const words = `<span class="govuk-visually-hidden"> places close together. Look closer.</span>`;
  return L.divIcon({ className: "map__together", html: `${count}${words}`, iconSize: [44, 44] });
}

function marker(pin, numbered) {
  const shown = numbered ? pin.number : "";
  const html = `${shown}<span class="govuk-visually-hidden"> ${safe(pin.name)}</span>`;
  const icon = L.divIcon({ className: "map__pin", html, iconSize: [36, 36], popupAnchor: [0, -14] });
  const one = L.marker(at(pin), { icon, riseOnHover: true });
  const about = pin.about ? `<br>${safe(pin.about)}` : "";
  const name = numbered ? `<a href="${safe(pin.href)}">${safe(pin.name)}</a>` : `<strong>${safe(pin.name)}</strong>`;
  one.bindPopup(`${name}${about}`, { closeButton: true, autoPan: true });
  return one;
}

/** A popup that was opened takes the focus, and gives it back when it closes. */
function keepFocus(map) {
  let opener;
  map.on("popupopen", ({ popup }) => {
    opener = popup._source?.getElement?.();
    const inside = popup.getElement();
    inside.querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", "Close");
    inside.querySelector("a")?.focus({ preventScroll: true });
  });
  map.on("popupclose", () => opener?.focus({ preventScroll: true }));
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key === "Escape") map.closePopup();
  });
}

function safe(text) {
  const holder = document.createElement("span");
  holder.textContent = text;
  return holder.innerHTML.replaceAll('"', "&quot;");
}
