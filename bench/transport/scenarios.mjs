// What is asked for.

const order =
  '{"id":184,"customer":"Ada Lovelace","items":[{"sku":"tea-500","count":2,"price":11.5},' +
  '{"sku":"cup-blue","count":4,"price":6.25}],"note":"leave it at the door, by the cat","paid":true,"express":false}'

/** What a browser sends along. */
const browserFields = {
  connection: 'keep-alive',
  'cache-control': 'max-age=0',
  'sec-ch-ua': '"Chromium";v="142", "Not.A/Brand";v="24"',
  'sec-ch-ua-mobile': '?0',
  'sec-ch-ua-platform': '"Linux"',
  'upgrade-insecure-requests': '1',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'sec-fetch-site': 'none',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-user': '?1',
  'sec-fetch-dest': 'document',
  'accept-encoding': 'gzip, deflate, br, zstd',
  'accept-language': 'en-GB,en;q=0.9,de;q=0.8',
  cookie: 'session=0123456789abcdef0123456789abcdef; theme=dark; consent=yes',
}

export const scenarios = {
  hello: { path: '/' },
  json: { path: '/json' },
  controller: { path: '/controller' },
  echo: { path: '/echo', method: 'POST', headers: { 'content-type': 'application/json' }, body: order },
  browser: { path: '/', headers: browserFields },
}
