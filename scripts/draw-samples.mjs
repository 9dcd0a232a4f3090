/**
 * Draws the sample files of the services into `src/services/<name>/samples/`, and those of WebOCR's paths into `src/dropin/webocr/samples/`, so that a first visitor has something to hand in.
 * They are kept in the repository; run it again after a change: `node scripts/draw-samples.mjs`. Needs a serif and a sans font.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { PDFDocument, rgb, StandardFonts } from 'pdf-lib';
import sharp from 'sharp';

const services = new URL('../src/services/', import.meta.url);

const serif = 'Liberation Serif, DejaVu Serif, serif';
const mono = 'Liberation Mono, DejaVu Sans Mono, monospace';

function save(service, name, bytes, root = services) {
  const folder = new URL(`${service}/samples/`, root);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(name, folder), bytes);
  console.log(`${service}/${name}: ${bytes.length} bytes`);
}

const svg = (width, height, body, paper = '#fff') =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${paper}"/>${body}</svg>`,
  );

function textLines(lines, { x, y, step, size, font, weight = 'normal', ink = '#26221c', anchor = 'start' }) {
  const rows = lines.map((line, row) => `<text x="${x}" y="${y + row * step}">${line}</text>`).join('');
  return `<g font-family="${font}" font-size="${size}" font-weight="${weight}" fill="${ink}" text-anchor="${anchor}">${rows}</g>`;
}

const letterHead = ['The Harbour Lamp Company', '7 Quay Street, Old Harbour'];
const letterBody = [
  'Dear Captain,',
  '',
  'Your forty brass lamps have come back from the workshop. Every wick',
  'is new, every glass is whole, and the small one from the pantry no',
  'longer smokes. We packed them in straw, in four boxes.',
  '',
  'The boxes wait in our cloakroom under the ticket that is pinned to',
  'this letter. Whoever brings the ticket gets the lamps, so please do',
  'not lend it to your brother again.',
  '',
  'The bill comes to 118 crowns. You paid 50 in March, which leaves 68.',
  'We close at six, and on market days at eight.',
  '',
  'Yours, with clean hands at last,',
  'Ida Winter',
];

function letter(width, height) {
  const scale = width / 1240;
  return svg(
    width,
    height,
    `<g transform="scale(${scale})">${textLines([letterHead[0]], { x: 620, y: 200, step: 0, size: 46, font: serif, weight: 'bold', anchor: 'middle' })}
    ${textLines([letterHead[1]], { x: 620, y: 255, step: 0, size: 30, font: serif, anchor: 'middle' })}
    <path d="M160 300H1080" stroke="#26221c" stroke-width="2"/>${textLines(letterBody, { x: 160, y: 400, step: 52, size: 31, font: serif })}</g>`,
    '#fdfbf5',
  );
}

async function scannedLetter() {
  const askew = await sharp(letter(1240, 1500)).rotate(-1.7, { background: '#fdfbf5' }).toBuffer();
  return sharp(askew).withMetadata({ density: 150 }).jpeg({ quality: 72 }).toBuffer();
}

const goods = [
  ['2 Rye bread', '6.40'],
  ['1 Butter', '3.10'],
  ['6 Eggs', '2.80'],
  ['1 Plum jam', '4.50'],
  ['3 Lemons', '1.95'],
];

function receipt() {
  const rows = goods
    .map(
      ([name, price], row) =>
        `<text x="60" y="${330 + row * 52}">${name}</text><text x="600" y="${330 + row * 52}" text-anchor="end">${price}</text>`,
    )
    .join('');
  return sharp(
    svg(
      660,
      860,
      `${textLines(['CORNER SHOP'], { x: 330, y: 110, step: 0, size: 46, font: mono, weight: 'bold', anchor: 'middle' })}
      ${textLines(['12 Mill Lane', 'Till 3   Receipt 4471'], { x: 330, y: 170, step: 46, size: 28, font: mono, anchor: 'middle' })}
      <g font-family="${mono}" font-size="32" fill="#26221c">${rows}
      <text x="60" y="650" font-weight="bold">TOTAL</text><text x="600" y="650" text-anchor="end" font-weight="bold">18.75</text></g>
      <path d="M60 595H600" stroke="#26221c" stroke-width="3" stroke-dasharray="10 8"/>
      ${textLines(['Thank you, come again'], { x: 330, y: 770, step: 0, size: 30, font: mono, anchor: 'middle' })}`,
      '#f6f5f1',
    ),
  )
    .withMetadata({ density: 200 })
    .png({ palette: true })
    .toBuffer();
}

async function scannedPdf() {
  const pdf = await PDFDocument.create();
  pdf.setProducer('Coatcheck samples');
  pdf.setCreationDate(new Date(0));
  pdf.setModificationDate(new Date(0));
  for (const picture of [await sharp(letter(1240, 1754)).jpeg({ quality: 60 }).toBuffer(), await minutes()]) {
    const image = await pdf.embedJpg(picture);
    pdf.addPage([595, 842]).drawImage(image, { x: 0, y: 0, width: 595, height: 842 });
  }
  return Buffer.from(await pdf.save());
}

function minutes() {
  const lines = [
    'Minutes of the lamp makers, second of May',
    '',
    'Present were nine members and one cat.',
    'The chair opened the meeting at seven.',
    'The price of brass has gone up by a tenth since winter.',
    'It was agreed to buy glass together from now on.',
    'The summer outing goes to the lighthouse, by boat.',
    'The meeting closed when the oil ran out.',
  ];
  return sharp(svg(1240, 1754, textLines(lines, { x: 150, y: 260, step: 78, size: 38, font: serif })))
    .jpeg({ quality: 60 })
    .toBuffer();
}

/** Waves as a path: `phase` 0 to 1 moves them by one length. */
function waves(width, y, length, height, phase) {
  const start = -length + phase * length;
  const arcs = Array.from(
    { length: Math.ceil(width / length) + 2 },
    () => `q ${length / 4} ${-height} ${length / 2} 0 t ${length / 2} 0`,
  );
  return `M${start} ${y} ${arcs.join(' ')} V2000 H${start} Z`;
}

function harbour(width, height, phase) {
  const x = width / 100;
  const y = height / 100;
  return svg(
    width,
    height,
    `<defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#f7b267"/><stop offset="1" stop-color="#f4845f"/></linearGradient>
    <linearGradient id="light"><stop stop-color="#fff3b0" stop-opacity=".9"/><stop offset="1" stop-color="#fff3b0" stop-opacity="0"/></linearGradient></defs>
    <rect width="100%" height="62%" fill="url(#sky)"/><circle cx="${30 * x}" cy="${44 * y}" r="${9 * y}" fill="#fff3b0"/>
    <path d="M0 ${58 * y} L${18 * x} ${40 * y} L${33 * x} ${56 * y} L${46 * x} ${45 * y} L${64 * x} ${62 * y} H0Z" fill="#7d4f50"/>
    <path d="${waves(width, 60 * y, 14 * x, 2.4 * y, phase)}" fill="#3d5a80"/>
    <path d="M${66 * x} ${66 * y} q${14 * x} ${-16 * y} ${34 * x} 0 V${80 * y} H${66 * x}Z" fill="#443e3d"/>
    <path d="M${78 * x} ${58 * y} l${1.6 * x} ${-34 * y} h${4.8 * x} l${1.6 * x} ${34 * y}Z" fill="#faf3e8"/>
    <path d="M${78.6 * x} ${46 * y} l${0.5 * x} ${-9 * y} h${5.8 * x} l${0.5 * x} ${9 * y}Z" fill="#c8553d"/>
    <path d="M${79 * x} ${24 * y} h${6 * x} l${-3 * x} ${-8 * y}Z" fill="#c8553d"/>
    <path d="M${82 * x} ${21 * y} L${82 * x - Math.cos(phase * 2 * Math.PI) * 60 * x} ${8 * y} V${34 * y}Z" fill="url(#light)" opacity="${0.35 + 0.3 * Math.abs(Math.cos(phase * 2 * Math.PI))}"/>
    <path d="${waves(width, 74 * y, 20 * x, 3 * y, (phase * 2) % 1)}" fill="#293f5c"/>
    <path d="M${20 * x} ${70 * y} h${22 * x} l${-4 * x} ${9 * y} h${-14 * x}Z" fill="#c8553d"/>
    <path d="M${30 * x} ${69 * y} V${42 * y} L${41 * x} ${66 * y}Z" fill="#faf3e8"/><path d="M${28.6 * x} ${69 * y} V${48 * y} L${22 * x} ${66 * y}Z" fill="#f2e3cc"/>
    <path d="${waves(width, 84 * y, 26 * x, 3.4 * y, (1 - phase) % 1)}" fill="#1b2a41"/>`,
  );
}

async function animation() {
  const side = 360;
  const frames = 16;
  const raw = await Promise.all(
    Array.from({ length: frames }, (_, at) =>
      sharp(harbour(side, side, at / frames))
        .removeAlpha()
        .raw()
        .toBuffer(),
    ),
  );
  return sharp(Buffer.concat(raw), { raw: { width: side, height: side * frames, channels: 3, pageHeight: side } })
    .gif({ delay: Array.from({ length: frames }, () => 90), colours: 48, effort: 8 })
    .toBuffer();
}

const dues = [
  ['Ship', 'Tons', '', 'Dues'],
  ['', 'empty', 'laden', 'crowns'],
  ['Amalia', '120', '310', '84.50'],
  ['Good Hope', '95', '240', '66.00'],
  ['Swift', '40', '88', '27.25'],
  ['Three Brothers', '210', '505', '139.00'],
];
const lamps = [
  ['Lamp', 'Spring', 'Summer', 'Autumn'],
  ['Brass, one wick', '48', '22', '61'],
  ['Brass, two wicks', '17', '9', '30'],
  ['Tin', '105', '84', '160'],
  ['Glass shades', '33', '12', '47'],
];

/** A page with a table of lines, whose header has merged cells, and one that only its columns show. */
async function tablesPdf() {
  const pdf = await PDFDocument.create();
  pdf.setProducer('Coatcheck samples');
  pdf.setCreationDate(new Date(0));
  pdf.setModificationDate(new Date(0));
  const [plain, bold] = [await pdf.embedFont(StandardFonts.Helvetica), await pdf.embedFont(StandardFonts.HelveticaBold)];
  const page = pdf.addPage([595, 842]);
  const ink = rgb(0.15, 0.13, 0.11);
  const write = (text, x, y, { size = 11, font = plain } = {}) => page.drawText(text, { x, y, size, font, color: ink });
  const line = (x1, y1, x2, y2) => page.drawLine({ start: { x: x1, y: y1 }, end: { x: x2, y: y2 }, thickness: 0.7, color: ink });
  write('The harbour in the second quarter', 72, 760, { size: 18, font: bold });
  write('Four ships paid their dues. What each of them may carry counts, and not what it did carry.', 72, 730);
  const xs = [72, 222, 302, 382, 482];
  const ys = dues.map((_, row) => 700 - row * 24).concat(700 - dues.length * 24);
  for (const [row, cells] of dues.entries())
    for (const [column, text] of cells.entries()) write(text, xs[column] + 8, ys[row] - 16, { font: row < 2 ? bold : plain });
  for (const y of ys) if (y !== ys[1]) line(xs[0], y, xs[4], y);
  line(xs[1], ys[1], xs[3], ys[1]);
  for (const x of xs) line(x, x === xs[2] ? ys[1] : ys[0], x, ys.at(-1));
  write('Lamps were lent to captains as follows. In summer the nights are short.', 72, 500);
  for (const [row, cells] of lamps.entries())
    for (const [column, text] of cells.entries()) {
      const font = row === 0 ? bold : plain;
      const x = column === 0 ? 72 : 200 + column * 90 - font.widthOfTextAtSize(text, 11);
      write(text, x, 465 - row * 20, { font });
    }
  return Buffer.from(await pdf.save());
}

save('tables', 'harbour.pdf', await tablesPdf());
save('ocr', 'letter.jpg', await scannedLetter());
save('ocr', 'receipt.png', await receipt());
save('ocr', 'minutes.pdf', await scannedPdf());
save(
  'thumbnails',
  'harbour.jpg',
  await sharp(harbour(1600, 1000, 0.5))
    .jpeg({ quality: 80 })
    .toBuffer(),
);
save('thumbnails', 'lighthouse.gif', await animation());

/** Catches of a week: as bars, and as a table. */
const catches = [
  ['Mon', 42, 18],
  ['Tue', 55, 22],
  ['Wed', 31, 35],
  ['Thu', 64, 28],
  ['Fri', 78, 41],
  ['Sat', 50, 37],
];
const sans = 'Liberation Sans, DejaVu Sans, sans-serif';

function catchChart() {
  const bars = catches.map(([day, herring, cod], at) => {
    const x = 90 + at * 115;
    return `<rect x="${x}" y="${420 - herring * 4}" width="42" height="${herring * 4}" fill="#0f6e66"/>
      <rect x="${x + 44}" y="${420 - cod * 4}" width="42" height="${cod * 4}" fill="#d9822b"/>
      <text x="${x + 43}" y="446" text-anchor="middle">${day}</text>`;
  });
  const lines = [0, 20, 40, 60, 80].map(
    (value) =>
      `<line x1="70" x2="780" y1="${420 - value * 4}" y2="${420 - value * 4}" stroke="#ccc"/><text x="60" y="${426 - value * 4}" text-anchor="end">${value}</text>`,
  );
  return svg(
    820,
    480,
    `<g font-family="${sans}" font-size="18" fill="#333">${lines.join('')}${bars.join('')}<text x="70" y="50" font-size="26">Boxes landed, herring and cod</text></g>`,
  );
}

function catchTable() {
  const head = ['Day', 'Herring', 'Cod', 'Boxes', 'Price'];
  const rows = [
    head,
    ...catches.map(([day, herring, cod]) => [day, herring, cod, herring + cod, `${(herring * 3.5 + cod * 6).toFixed(2)}`]),
  ];
  const cells = rows.flatMap((row, y) =>
    row.map(
      (text, x) =>
        `<rect x="${40 + x * 140}" y="${40 + y * 52}" width="140" height="52" fill="${y === 0 ? '#dbe7e5' : 'none'}" stroke="#444"/><text x="${110 + x * 140}" y="${73 + y * 52}" text-anchor="middle" font-weight="${y === 0 ? 'bold' : 'normal'}">${text}</text>`,
    ),
  );
  return svg(780, 440, `<g font-family="${sans}" font-size="20" fill="#222">${cells.join('')}</g>`);
}

save('classifications', 'chart.png', await sharp(catchChart()).png({ palette: true }).toBuffer());
save('classifications', 'table.png', await sharp(catchTable()).png({ palette: true }).toBuffer());

const rules = [
  'RULES OF THE LAMP ROOM',
  '',
  'A lamp is lent for one night and comes back before noon.',
  'Whoever brings it back late pays two crowns a day, and three',
  'in the week of the regatta, when lamps are scarce.',
  '',
  'Wicks are trimmed here and nowhere else. A lamp that smokes',
  'is not broken: turn it down, wait, and turn it up again.',
  '',
  'Do not carry a burning lamp below deck. Do not leave it with',
  'the cook. Do not fill it with anything but oil.',
  '',
  'Each lamp has a number on its foot. Please say the number',
  'when you ask for the same one again, since we have forty.',
];
const stores = [
  'STORES OF THE LIGHTHOUSE',
  '',
  '12 barrels of oil',
  '30 wicks, wide',
  '30 wicks, narrow',
  '2 panes of glass',
  '1 broom',
];

/** The pictures that WebOCR had to try it with were other ones; these have its names. */
const webocr = {
  'ocr.jpg': svg(640, 240, textLines(['Read me'], { x: 320, y: 150, step: 0, size: 110, font: serif, anchor: 'middle' })),
  'sample1.jpg': svg(1240, 1240, textLines(rules, { x: 130, y: 180, step: 68, size: 36, font: serif }), '#fdfbf5'),
  'sample2.jpg': svg(
    760,
    400,
    `<rect x="20" y="20" width="720" height="360" fill="none" stroke="#0f6e66" stroke-width="4"/>
    ${textLines(['Ida Winter', 'Maker of lamps', '7 Quay Street'], { x: 380, y: 150, step: 80, size: 52, font: serif, anchor: 'middle' })}`,
  ),
  'sample3.jpg': svg(
    1000,
    620,
    textLines(['NO BOATS', 'AFTER SEVEN', 'ON SUNDAYS'], {
      x: 500,
      y: 190,
      step: 150,
      size: 110,
      font: sans,
      weight: 'bold',
      anchor: 'middle',
    }),
    '#f7e7b0',
  ),
  'sample4.jpg': svg(820, 620, textLines(stores, { x: 90, y: 120, step: 70, size: 40, font: mono }), '#f6f5f1'),
  'sample5.jpg': svg(
    900,
    360,
    textLines(['Old Harbour', 'Two miles by boat'], {
      x: 450,
      y: 150,
      step: 110,
      size: 72,
      font: sans,
      ink: '#ffffff',
      anchor: 'middle',
    }),
    '#1b2a41',
  ),
};
for (const [name, picture] of Object.entries(webocr)) {
  const bytes = await sharp(picture).withMetadata({ density: 150 }).jpeg({ quality: 75 }).toBuffer();
  save('webocr', name, bytes, new URL('../src/dropin/', import.meta.url));
}
