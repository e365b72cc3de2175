import { expectTypeOf } from 'expect-type'
import { pino } from 'pino'
import { createLogger, type Logger, Server } from 'tribind'
import winston from 'winston'

// What fits as a logger. Checked by tsc, never run.

for (const logger of [pino(), pino().child({ a: 1 }), winston.createLogger(), console, createLogger()]) {
  new Server({ logger })
}
new Server({ logger: pino({ customLevels: { audit: 35 } }) })
expectTypeOf(new Server().logger).toEqualTypeOf<Logger>()
expectTypeOf(createLogger({ level: 'silent', stream: process.stdout })).toEqualTypeOf<Logger>()

// A logger that is written in place knows what it gets.
new Server({
  logger: {
    debug() {},
    info(message, fields) {
      expectTypeOf(message).toEqualTypeOf<string>()
      expectTypeOf(fields).toEqualTypeOf<Record<string, unknown> | undefined>()
    },
    warn() {},
    error() {},
  },
})

// @ts-expect-error -- no functions for the levels
new Server({ logger: { log() {} } })
// @ts-expect-error -- no such level
createLogger({ level: 'trace' })
// @ts-expect-error -- it has no options
new Server({ accessLog: { skip: () => true } })
