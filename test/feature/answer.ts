export interface Ask {
  method?: string
  url: string
  host?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
}

export interface Answer {
  status: number
  /** The field's values joined with `, `. */
  header: (name: string) => string | undefined
  headerAll: (name: string) => string[]
  body: Buffer
  text: string
  json(): unknown
}

/** Takes `'/path'`, `'POST /path'`, or the parts. */
export type Send = (ask: string | Ask) => Promise<Answer>

export function complete(ask: string | Ask) {
  const parts: Ask = typeof ask === 'string' ? fromLine(ask) : ask
  return {
    method: parts.method ?? 'GET',
    url: parts.url,
    headers: { host: parts.host ?? '127.0.0.1', ...parts.headers },
    body: parts.body,
  }
}

function fromLine(line: string): Ask {
  const blank = line.indexOf(' ')
  return blank < 0 ? { url: line } : { method: line.slice(0, blank), url: line.slice(blank + 1) }
}

export function answer(status: number, fields: [string, unknown][], body: Buffer): Answer {
  const values = new Map<string, string[]>()
  for (const [name, value] of fields) {
    if (value !== undefined) values.set(name, (Array.isArray(value) ? value : [value]).map(String))
  }
  const headerAll = (name: string) => values.get(name.toLowerCase()) ?? []
  return {
    status,
    headerAll,
    header: (name) => (values.has(name.toLowerCase()) ? headerAll(name).join(', ') : undefined),
    body,
    text: body.toString('utf8'),
    json: () => JSON.parse(body.toString('utf8')),
  }
}
