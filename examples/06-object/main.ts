// An object: made once, shared by all requests, each of its methods a route.
//
//   curl http://127.0.0.1:8199/product            # `index` answers the pattern itself too
//   curl http://127.0.0.1:8199/product/total      # counts up
//   curl http://127.0.0.1:8199/product/show-all
//   curl http://127.0.0.1:8199/v1/product/total   # the same counter
//   curl http://127.0.0.1:8199/weather/today
import { type Request, Server } from 'tribind'

class Product {
  // Shared by all requests, unlike the fields of a controller. Data is never a route, only functions are.
  calls = 0

  index(): string {
    return 'products'
  }

  total(request: Request): void {
    this.calls++
    request.response.write('total: ', this.calls)
  }

  showAll(): string[] {
    return ['apple', 'pen']
  }
}

export function build(): Server {
  const server = new Server()
  const product = new Product()
  server.bindObject('/product', product)
  // Where the names stand is up to the pattern: {.struct} is the class, {.method} the method.
  server.bindObjectMethod('/v1/{.struct}/{.method}', product, 'total, showAll')
  server.bindObject('/weather', { today: () => 'sunny', tomorrow: () => 'rain' })
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/product/total`))
  server.registerSignalHook()
  await server.run()
}
