import type { ConfigurationIssue, PartStatus } from '../../index.ts'
import { joinPath } from '../model/issue-of.ts'
import type { Model } from '../model/model.ts'
import type { Part, PartType } from '../model/part.ts'
import type { LayerOutcome } from './build-layer.ts'

/** The named parts of the documents that are served. */
export interface ListedParts {
  readonly routes: readonly PartStatus[]
  readonly services: readonly PartStatus[]
  readonly middlewares: readonly PartStatus[]
}

/** Lists the parts of a model as they are served. @param outcomes by provider */
export function listParts(model: Model, outcomes: ReadonlyMap<string, LayerOutcome>): ListedParts {
  const list = (type: PartType) =>
    model.parts.filter(({ place }) => place.type === type).map((part) => describe(part, model, outcomes))
  return { routes: list('routes'), services: list('services'), middlewares: list('middlewares') }
}

function describe(part: Part, model: Model, outcomes: ReadonlyMap<string, LayerOutcome>): PartStatus {
  const { name, provider, path } = part.place
  const isDisabled = (other: Part) =>
    other.isBroken || outcomes.get(other.place.provider)?.disabled.has(other.place.path) === true
  const found = model
    .withInlines(part)
    .flatMap((one) => [...one.errors, ...(outcomes.get(provider)?.issues.get(one.place.path) ?? []), ...one.warnings])
  const isOut = isDisabled(part)
  const issues = found.length === 0 && isOut ? needs(part, path, isDisabled) : found
  return {
    name,
    provider,
    status: isOut ? 'disabled' : issues.length > 0 ? 'warning' : 'enabled',
    issues,
    usedBy: Array.from(model.users.get(part) ?? [], ({ qualifiedName }) => qualifiedName),
  }
}

/** Says which of the parts that it refers to can't be used. */
function needs(part: Part, path: string, isDisabled: (part: Part) => boolean): ConfigurationIssue[] {
  const broken = [...part.targets].filter(([, target]) => isDisabled(target))
  return broken.map(([{ place }, target]) => ({
    path: joinPath(path, place),
    message: `needs ${target.place.type.slice(0, -1)} "${target.qualifiedName}", which can't be used`,
  }))
}
