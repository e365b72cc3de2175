import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { Registry } from 'prom-client'
import { configurationMetrics } from '../../lib/admin/metrics/configuration-metrics.ts'
import { nodeMetrics } from '../../lib/admin/metrics/node-metrics.ts'
import { promClientPackage } from '../../lib/admin/metrics/prom-client-package.ts'
import { createRequestFamilies } from '../../lib/admin/metrics/request-families.ts'
import { serverMetrics } from '../../lib/admin/metrics/server-metrics.ts'
import { askAt, startAdmin } from '../admin/admin-world.ts'

const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `(tribind_\w+)` \| (\w+) \| (.*) \| (.*) \|$/gm)].map(([, ...cells]) => cells)

/** The labels of metrics that aren't read at the scrape. */
function countedLabels(): Record<string, readonly string[]> {
  const families = Object.values(createRequestFamilies(promClientPackage(), new Registry()))
  return Object.fromEntries(
    families.map((family) => {
      const { name, labelNames } = family as unknown as { name: string; labelNames: readonly string[] }
      return [name, labelNames]
    }),
  )
}

describe('the table of docs/metrics.md', () => {
  it('has every metric with its type, labels and meaning, and no other', async () => {
    const { place, stop } = await startAdmin()
    const { text } = await askAt(place, '/metrics').finally(stop)
    const helps = new Map([...text.matchAll(/^# HELP (\w+) (.*)\.$/gm)].map(([, name, help]) => [name, help]))
    const types = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type]) => [name, type] as const)
    const read = [...serverMetrics, ...configurationMetrics, ...nodeMetrics].map(
      ({ name, labels }) => [name, labels] as const,
    )
    const labels: Record<string, readonly string[]> = { ...countedLabels(), ...Object.fromEntries(read) }
    const cells = types.map(([name, type]) => [
      name,
      type,
      (labels[name] ?? []).map((label) => `\`${label}\``).join(', '),
      helps.get(name),
    ])
    expect(types.length).to.be.greaterThan(25)
    expect(rows.map((row) => row.map((cell) => cell?.trim()))).to.deep.equal(cells)
  })

  it('has names as Prometheus asks for', () => {
    for (const [name = '', type] of rows) {
      expect(name).to.match(/^tribind_[a-z_]+$/)
      expect(name.endsWith('_total'), name).to.equal(type === 'counter')
    }
  })
})
