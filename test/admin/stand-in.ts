import { configurationWing } from '../../lib/kit.ts'
configurationWing.provide(() => ({
  face: {
    status: () => ({
      version: 0,
      appliedAt: undefined,
      pinned: false,
      providers: [],
      routes: [],
      services: [],
      middlewares: [],
    }),
    check: async () => [],
    history: () => [],
    rollback: async () => ({ version: 1 }),
    resume: async () => {},
    reload: async () => {},
  },
  api: {
    document: undefined,
    set: async () => ({ applied: true as const, version: 1 }),
    withdraw: async () => ({ applied: true as const, version: 1 }),
  },
  redact: (x: object) => x,
  schema: {},
  start: async () => {},
  stop: async () => {},
}))
