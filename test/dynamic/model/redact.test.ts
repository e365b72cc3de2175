import { expect } from 'chai'
import { redact } from '../../../lib/dynamic/model/redact.ts'

describe('redact', () => {
  it('hides secrets alone', () => {
    const document = {
      routes: {
        users: {
          pattern: '/token',
          service: 'token',
          middlewares: [{ basicAuth: { users: { carol: 'plain:inline' }, realm: 'r' } }],
        },
      },
      services: {
        token: {
          forward: {
            nodes: [
              'http://user:pw@a:1',
              { addr: 'http://b', headers: { request: { Authorization: 'Bearer x', 'X-A': 'b' } } },
            ],
            selector: { strategy: 'hash', key: 'header:X-User' },
          },
        },
        key: { text: 'key' },
      },
      middlewares: {
        signedIn: { basicAuth: { users: { alice: 'scrypt:a:b', bob: 'plain:secret' } } },
        auth: { forwardAuth: { url: 'https://me:secret@auth/check?a=b' } },
        own: {
          audit: {
            token: 'abc',
            apiKey: 'def',
            nested: { password: ['x'], level: 3 },
            pem: '-----BEGIN PRIVATE KEY-----\nabc',
          },
        },
        limited: { rateLimit: { average: 1, key: 'ip' } },
      },
    }
    const before = structuredClone(document)
    expect(redact(document)).to.deep.equal({
      routes: {
        users: {
          pattern: '/token',
          service: 'token',
          middlewares: [{ basicAuth: { users: { carol: '***' }, realm: 'r' } }],
        },
      },
      services: {
        token: {
          forward: {
            nodes: ['http://***@a:1', { addr: 'http://b', headers: { request: { Authorization: '***', 'X-A': 'b' } } }],
            selector: { strategy: 'hash', key: 'header:X-User' },
          },
        },
        key: { text: 'key' },
      },
      middlewares: {
        signedIn: { basicAuth: { users: { alice: '***', bob: '***' } } },
        auth: { forwardAuth: { url: 'https://***@auth/check?a=b' } },
        own: { audit: { token: '***', apiKey: '***', nested: { password: ['***'], level: 3 }, pem: '***' } },
        limited: { rateLimit: { average: 1, key: 'ip' } },
      },
    })
    expect(document).to.deep.equal(before)
  })
})
