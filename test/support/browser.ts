import { accessSync } from 'node:fs';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, vi } from 'vitest';
import { type Client, createClient } from '../../src/client/client.ts';
import { chromiumPath, launchChromium } from './chromium.mjs';
import { type Program, startProgram, temporaryFolder } from './program.ts';

/** What one step may take on a machine under load; the step that hangs is the one that is named. */
export const withinMs = 60_000;

/** Whether this machine has a browser. Without one the tests of the page are left out, and say so; in CI that is a failure. */
export const hasBrowser: boolean = found();

function found(): boolean {
  try {
    accessSync(chromiumPath);
    return true;
  } catch (error) {
    if (process.env.CI !== undefined) throw new Error(`there is no ${chromiumPath}: the page cannot be tested`, { cause: error });
    console.warn(`THE PAGE IS NOT TESTED: there is no ${chromiumPath}. Install Chromium, or name it in COATCHECK_TEST_CHROMIUM.`);
    return false;
  }
}

/** One browser for a file of tests; it asks nobody but the server under test. */
export function openBrowser(): Promise<Browser> {
  return launchChromium(withinMs);
}

export interface ServerAndBrowser {
  readonly server: Program;
  readonly browser: Browser;
  readonly client: Client;
  open(path?: string, options?: BrowserContextOptions): Promise<Tab>;
  /** Starts the server that was ended once more, on the same data and port. */
  startAgain(): Promise<void>;
}

/** A server of the program with these settings and a browser, for all tests of a file. They are there once its hooks have run. */
export function serverAndBrowser(settings: readonly string[] = ['--workers', '1']): ServerAndBrowser {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: Program;
  let browser: Browser;
  let client: Client;
  vi.setConfig({ testTimeout: 2 * withinMs });
  beforeAll(async () => {
    if (!hasBrowser) return;
    folder = await temporaryFolder();
    [server, browser] = await Promise.all([startProgram(folder.path, settings), openBrowser()]);
    client = createClient({ baseUrl: server.url });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end('SIGKILL');
    await folder?.remove();
  });
  return {
    get server() {
      return server;
    },
    get browser() {
      return browser;
    },
    get client() {
      return client;
    },
    open: (path = '/', options) => openTab(browser, server.url + path, options),
    async startAgain() {
      server = await startProgram(folder.path, [...settings, '--port', new URL(server.url).port]);
    },
  };
}

/** A tab of its own, with everything that went wrong in it: errors of scripts, and what the content security policy refused. */
export interface Tab {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly faults: readonly string[];
}

/** What axe-core finds serious or worse in the page as it is shown, in both themes, each as a line. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // Colours that are still on their way from one theme to the other are those of neither.
    await page.evaluate(() => {
      for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
    });
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<AxeResults>('axe.run()');
    for (const { id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      faults.push(`${colorScheme}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
    }
  }
  await page.emulateMedia({ colorScheme: null });
  return faults;
}

export async function openTab(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(withinMs);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|TrustedHTML/i.test(message.text())) faults.push(message.text());
  });
  await page.goto(url);
  return { page, context, faults };
}
