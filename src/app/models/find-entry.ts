import { nearestName } from '../../core/nearest-name.ts';
import { type CatalogueEntry, catalogue } from '../../services/classifications/catalogue.ts';

/** Of the catalogue. Throws an `Error` that says what there is. */
export function findEntry(id: string): CatalogueEntry {
  const entry = catalogue.find((each) => each.id === id);
  if (entry !== undefined) return entry;
  const names = catalogue.map((each) => each.id);
  const near = names.find((name) => name.startsWith(id)) ?? nearestName(id, names);
  const meant = near === null ? '' : ` Did you mean ${near}?`;
  throw new Error(
    `The catalogue has no model ${id}.${meant} It has ${names.join(', ')}; any other is installed from its file with "coatcheck model add".`,
  );
}
