import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createRequire } from 'node:module'
import { context, SpanKind } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { getRPCMetadata } from '@opentelemetry/core'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { expect } from 'chai'
import type { RequestDiagnostics } from 'tribind'
import { overHttp1, until } from '../feature/both-ways.ts'

describe('@opentelemetry/instrumentation-http', () => {
  const spans = new InMemorySpanExporter()
  const instrumentation = new HttpInstrumentation({ disableOutgoingRequestInstrumentation: true })

  const nameRoute = (message: unknown) => {
    const metadata = getRPCMetadata(context.active())
    const { route } = (message as RequestDiagnostics).request
    if (metadata && route) metadata.route = route
  }

  before(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    const processor = new SimpleSpanProcessor(spans)
    instrumentation.setTracerProvider(new BasicTracerProvider({ spanProcessors: [processor] }))
    // As `--require` and `--import` of the SDK do it, before an application loads node:http.
    createRequire(import.meta.url)('http')
    subscribe('tribind.request.route', nameRoute)
  })

  after(() => {
    unsubscribe('tribind.request.route', nameRoute)
    instrumentation.disable()
    context.disable()
  })

  overHttp1(
    'has a span for each request, with its route',
    (server) => {
      server.get('/books/:id', ({ params }) => params.id)
    },
    async (send) => {
      expect((await send('/books/7?a=1')).text).to.equal('7')
      await until(() => spans.getFinishedSpans().length > 0, 'the span has ended')
      const [span] = spans.getFinishedSpans()
      expect([span?.name, span?.kind]).to.deep.equal(['GET /books/:id', SpanKind.SERVER])
      expect(span?.attributes).to.include({ 'http.route': '/books/:id' })
    },
  )
})
