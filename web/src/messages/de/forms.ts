import type {forms as english} from '../en/forms';

export const forms: typeof english = {
  notJson: 'kein JSON',
  removeItem: (number) => `Element ${number} entfernen`,
  addItem: 'Element hinzufügen',
  required: 'erforderlich',
  noArguments: 'Nimmt keine Argumente.',
};
