import type { LayerContent } from './layer-content.ts'
import type { Version } from './version.ts'

const REASON = 'The route has changed'

/**
 * Ends the event streams and WebSockets of earlier contents of a layer whose route is gone from its content, or changed.
 * Those that are still open after `timeoutMs` are cut.
 */
export function endStreams(versions: Iterable<Version>, content: LayerContent, timeoutMs: number): void {
  const changed = new Set<object>()
  for (const version of versions) {
    const earlier = version.contentOf(content.layer)
    if (earlier !== undefined && earlier !== content)
      for (const route of earlier.registry.findChanged(content.registry)) changed.add(route)
  }
  const streams = Array.from(versions, (version) => [...version.traffics]).flat()
  for (const { streams: tasks } of streams) {
    for (const task of tasks.openOf(changed)) {
      task.end?.(REASON)
      const timer = setTimeout(() => tasks.isOpen(task) && task.cut?.(), timeoutMs)
      timer.unref()
    }
  }
}
