import { type Command, Option } from 'commander';
import { settingDefinitions } from '../app/settings.ts';

/** Gives a command a flag for each setting of the server; `settingFlags` reads them back. */
export function addSettingOptions(command: Command): Command {
  for (const { name, env, placeholder, fallback, help } of settingDefinitions) {
    const flag = `--${name} ${placeholder === null ? '[yes|no]' : `<${placeholder}>`}`;
    const notes = [env, ...(fallback === null || placeholder === null ? [] : [`default ${fallback}`])];
    command.addOption(new Option(flag, `${help} (${notes.join('; ')})`));
  }
  return command;
}

/** The settings that were given as flags, by their name without dashes. */
export function settingFlags(command: Command): Record<string, string | boolean> {
  const flags: Record<string, string | boolean> = {};
  for (const option of command.options) {
    const name = option.long?.replace(/^--/, '') ?? '';
    const value: unknown = command.getOptionValue(option.attributeName());
    const isSetting = settingDefinitions.some((setting) => setting.name === name);
    if (isSetting && (typeof value === 'string' || typeof value === 'boolean')) flags[name] = value;
  }
  return flags;
}
