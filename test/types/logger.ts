import { expectTypeOf } from 'expect-type'
import { pino } from 'pino'
import { createLogger, type Logger, Server } from 'tribind'
import winston from 'winston'

// What fits as a logger. Checked by tsc, never run.

for (const logger of [pino(), pino().child({ a: 1 }), winston.createLogger(), console, createLogger()]) {
  expectTypeOf(logger).toExtend<Logger>()
  void new Server({ logger })
}
void new Server({ logger: pino({ customLevels: { audit: 35 } }) })
expectTypeOf(new Server().logger).toEqualTypeOf<Logger>()
expectTypeOf(createLogger({ level: 'silent', stream: process.stdout })).toEqualTypeOf<Logger>()

// A logger that is written in place knows what it gets.
void new Server({
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
void new Server({ logger: { log() {} } })
// @ts-expect-error -- no such level
createLogger({ level: 'trace' })
// @ts-expect-error -- it has no options
void new Server({ accessLog: { skip: () => true } })
