import { quoted } from '../domain/excerpt.ts';
import { ok, type Result } from '../domain/result.ts';
import type { InventoryFilter } from '../seams/account-inventory.ts';
import { type TargetText, unreadable } from './target-text.ts';

/** "aws" stands for every public address of the account; "aws:region=eu-west-1,tag:env=prod" for some of them. */
export const isInventoryTarget = (text: string): boolean => text === 'aws' || text.startsWith('aws:');

const REGION = /^region=([a-z]{2}(?:-[a-z]+)+-\d{1,2})$/;
const TAG = /^tag:([^=,]{1,128})=([^,]{0,256})$/;

/** The filter that the target spells. Error: TARGET_UNREADABLE. */
export function parseInventoryTarget(target: TargetText): Result<InventoryFilter> {
  const [regions, tags] = [[] as string[], [] as { key: string; value: string }[]];
  const parts = target.text === 'aws' ? [] : target.text.slice('aws:'.length).split(',');
  for (const part of parts) {
    const [, region] = REGION.exec(part) ?? [];
    const [, key, value] = TAG.exec(part) ?? [];
    if (region !== undefined) regions.push(region);
    else if (key !== undefined && value !== undefined) tags.push({ key, value });
    else {
      const hint = 'Write "aws", or with commas "aws:region=eu-west-1,tag:env=prod".';
      return unreadable(target, `${quoted(part)} is neither a region nor a tag.`, { hint });
    }
  }
  return ok({ regions, tags });
}
