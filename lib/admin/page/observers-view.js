import { badge } from './badge.js'
import { h } from './dom.js'
import { formatAge, formatNumber } from './format.js'
import { table } from './table.js'

/** @type {import('./views.js').View} */
export const observersView = {
  path: 'observers',
  title: 'Observers',
  changesSilently: true,
  load: async ({ api }, sent) => (await api.get('api/observers', { ...sent, query: { per_page: 10_000 } })).data,
  render: (observers) => [
    h('p', { class: 'quiet' }, 'Who is told of the states and the figures of entry points.'),
    table(
      'Observers',
      {
        Observer: ({ name }) => h('code', {}, name),
        'Entry point': ({ entryPoint }) => entryPoint,
        State: ({ lastError }) => badge(lastError === undefined ? 'ok' : 'failed'),
        'Last accepted': ({ lastAccepted }) => (lastAccepted === undefined ? 'never' : formatAge(lastAccepted)),
        Pending: ({ pending }) => formatNumber(pending),
        Dropped: ({ dropped }) => formatNumber(dropped),
        'Last error': ({ lastError }) => lastError ?? '–',
      },
      observers,
      'No entry point has an observer.',
    ),
  ],
}
