import type { DynamicConfiguration } from 'tribind/providers'

// What a configuration in code may be. Checked by tsc, never run.

type Middlewares = NonNullable<DynamicConfiguration['middlewares']>

void ({
  limited: { rateLimit: { average: 3, period: '1m' } },
  own: { audit: { level: 2 } },
  both: { chain: ['limited', { timeout: '5s' }, { audit: {} }] },
} satisfies Middlewares)

// @ts-expect-error -- a misspelt option
void ({ a: { rateLimit: { averge: 3 } } } satisfies Middlewares)
// @ts-expect-error -- a value of another type
void ({ a: { basicAuth: { users: { ann: 4 } } } } satisfies Middlewares)
// @ts-expect-error -- a misspelt option of one that is written in its place
void ({ a: { chain: [{ inFlight: { amuont: 3 } }] } } satisfies Middlewares)
