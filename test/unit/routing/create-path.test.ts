import { expect } from 'chai'
import { RouteError } from '../../../lib/base/errors.ts'
import { createPath } from '../../../lib/routing/create-path.ts'

type Params = Record<string, string | number>

describe('routing/create-path', () => {
  const created: [pattern: string, params: Params, path: string][] = [
    ['/', {}, '/'],
    ['GET:/user/list/@a.com', {}, '/user/list'],
    ['/user/:id', { id: 7 }, '/user/7'],
    ['/user/:id', { id: 'a/b' }, '/user/a%2Fb'],
    ['/größe/:wert', { wert: 'ä?#%' }, '/gr%C3%B6%C3%9Fe/%C3%A4%3F%23%25'],
    ['/{name}.{type}', { name: 'a.tar', type: 'gz' }, '/a.tar.gz'],
    ['/files/*path', { path: 'css/site.css' }, '/files/css/site.css'],
    ['/files/*path', { path: '' }, '/files'],
    ['/files/*path/raw/:file', { path: 'a/b', file: 'c' }, '/files/a/b/raw/c'],
  ]

  for (const [pattern, params, path] of created) {
    it(`${pattern} with ${JSON.stringify(params)} is ${path}`, () => {
      expect(createPath(pattern, params)).to.equal(path)
    })
  }

  const refused: [pattern: string, params: Params, culprit: string][] = [
    ['/user/:id', {}, '"id"'],
    ['/user/:id', { id: '' }, '"id"'],
    ['/user/:id', { id: '..' }, '..'],
    ['/user/:id', { id: 'a\\b' }, '/user/'],
    ['/user/:id', { id: '\ud800' }, '/user/:id'],
    ['/:constructor', {}, '"constructor"'],
    ['/files/*path', { path: 'a/../b' }, '/files/'],
    ['/{name}.html', { name: 'a/b' }, '"name"'],
    ['/:', {}, 'must have a name'],
    ['user', {}, '"user"'],
  ]

  for (const [pattern, params, culprit] of refused) {
    it(`${pattern} with ${JSON.stringify(params)} is refused, by name`, () => {
      expect(() => createPath(pattern, params))
        .to.throw(RouteError, culprit)
        .with.property('message')
        .that.includes(`"${pattern}"`)
    })
  }
})
