/** The ground that every map of the registers stands on: the city's outline, nothing from outside. */
import type { FeatureCollection } from 'geojson'
import type { Map as MapLibre, MapOptions } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { onBeforeUnmount, onMounted, ref, shallowRef, watch, type Ref } from 'vue'
import { get } from '../api/client'
import { dark } from '../state/prefs'
import { boundsOf } from './shape'

export const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] }
export const css = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

let asked: Promise<FeatureCollection> | null = null
const outlineOnce = (): Promise<FeatureCollection> =>
  (asked ??= get<FeatureCollection>('/map/outline').catch((failure: unknown) => {
    asked = null
    throw failure
  }))

export interface BaseMap {
  map: Ref<MapLibre | null>
  /** The machine cannot draw it (no WebGL): the page does without. */
  failed: Ref<boolean>
  /** The whole city. */
  city: Ref<[number, number, number, number] | null>
}

/** Builds the map when the page stands; `ready` adds sources and layers, `paint` gives them the colours of the desk. */
export function useBaseMap(host: Ref<HTMLElement | null>, label: () => string, ready: (map: MapLibre) => void, paint: (map: MapLibre) => void = () => {}, options: Partial<MapOptions> = {}): BaseMap {
  const map = shallowRef<MapLibre | null>(null)
  const failed = ref(false)
  const city = shallowRef<[number, number, number, number] | null>(null)
  let gone = false

  function dress(): void {
    const view = map.value
    if (!view?.getLayer('ground')) return
    view.setPaintProperty('ground', 'background-color', css('--map-ground'))
    view.setPaintProperty('land', 'fill-color', css('--map-land'))
    view.setPaintProperty('border', 'line-color', css('--map-line'))
    paint(view)
  }
  onMounted(async () => {
    try {
      const [lib, outline] = await Promise.all([import('maplibre-gl'), outlineOnce().catch(() => NOTHING)])
      if (gone || !host.value) return
      lib.setWorkerUrl(workerUrl)
      city.value = boundsOf(outline.features.map((f) => f.geometry))
      const view = new lib.Map({
        container: host.value,
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        touchPitch: false,
        minZoom: 4,
        maxZoom: 19,
        ...(city.value ? { bounds: city.value, fitBoundsOptions: { padding: 16 } } : {}),
        style: {
          version: 8,
          sources: { outline: { type: 'geojson', data: outline } },
          layers: [
            { id: 'ground', type: 'background', paint: { 'background-color': css('--map-ground') } },
            { id: 'land', type: 'fill', source: 'outline', paint: { 'fill-color': css('--map-land') } },
            { id: 'border', type: 'line', source: 'outline', layout: { 'line-join': 'round' }, paint: { 'line-color': css('--map-line'), 'line-width': 1 } },
          ],
        },
        ...options,
      })
      view.touchZoomRotate.disableRotation()
      view.addControl(new lib.NavigationControl({ showCompass: false }), 'bottom-right')
      view.getCanvas().setAttribute('aria-label', label())
      view.on('load', () => {
        if (gone) return
        map.value = view
        ready(view)
        dress()
      })
      const follow = new ResizeObserver(() => view.resize())
      follow.observe(host.value)
      ending = () => {
        follow.disconnect()
        view.remove()
      }
    } catch {
      failed.value = true
    }
  })
  let ending = (): void => {}
  onBeforeUnmount(() => {
    gone = true
    map.value = null
    ending()
  })
  watch(dark, () => requestAnimationFrame(dress))
  watch(label, (text) => map.value?.getCanvas().setAttribute('aria-label', text))
  return { map, failed, city }
}
