import { openPdf } from '../../../dist/media/pdf.js';

/** Opens a PDF with the password of its options, and tells how many pages it has. */
export const task = async ({ input, options }) => {
  try {
    const pdf = await openPdf(input.path, options);
    pdf.close();
    return { kind: 'done', result: { pages: pdf.pageCount } };
  } catch (error) {
    return { kind: 'rejected', code: error.code, detail: error.message };
  }
};
