// Forms made from a schema.
import {inLanguage} from '../language';

export const forms = {
  notJson: 'not JSON',
  removeItem: (number: number) => `Remove item ${number}`,
  addItem: 'Add item',
  required: 'required',
  noArguments: 'Takes no arguments.',
};
export const t = inLanguage('forms', forms);
