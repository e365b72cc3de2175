import { getServer } from 'tribind'

/** One instance for the whole server: what it counts, it counts over all requests. */
class Visits {
  count = 0

  index(): { visits: number } {
    this.count++
    return { visits: this.count }
  }

  reset(): { visits: number } {
    this.count = 0
    return { visits: this.count }
  }
}

const visits = new Visits()
const server = getServer('mvc')
server.bindObjectMethod('GET:/visits', visits, 'index')
// The hook on /admin/* guards it; nothing here has to know.
server.bindObjectMethod('POST:/admin/visits', visits, 'reset')
