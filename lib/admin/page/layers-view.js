import { h } from './dom.js'
import { formatNumber } from './format.js'
import { table } from './table.js'

/** @type {import('./views.js').View} */
export const layersView = {
  path: 'layers',
  title: 'Layers',
  load: async ({ api }, sent) => (await api.get('api/layers', { ...sent, query: { per_page: 10_000 } })).data,
  render: (layers) => [
    h(
      'p',
      { class: 'quiet' },
      'What is bound together, and replaced together. Those that begin with @ are of the provider of that name.',
    ),
    table(
      'Layers',
      {
        Layer: ({ name }) => h('a', { href: `#/routes?search=${encodeURIComponent(name)}` }, h('code', {}, name)),
        'Replaced in version': ({ version }) => version,
        Bindings: ({ bindings: { total, ...byType } }) => `${formatNumber(total)}${describe(byType)}`,
      },
      layers,
    ),
  ],
}

/** @param {Record<string, number>} byType */
function describe(byType) {
  const texts = Object.entries(byType).map(([type, count]) => `${type} ${formatNumber(count)}`)
  return texts.length === 0 ? '' : ` (${texts.join(', ')})`
}
