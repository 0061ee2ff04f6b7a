import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  CAPACITY_QUESTION_SCHEMA,
  CAPACITY_RESULT_SCHEMA,
  CAPACITY_TRIAL_SCHEMA,
  type CapacityQuestion,
  type CapacityResult,
  type CapacityTrial,
} from '../analysis/capacity/capacity-result.ts';
import type { Profile } from '../profile/profile.ts';
import { AppendFile } from '../store/append-file.ts';
import { jsonText, readJsonFile, readJsonLines } from '../store/json-file.ts';
import { makeDirectories } from '../store/make-directories.ts';
import { onDisk, storeError } from '../store/store-error.ts';
import { writeWhole } from '../store/whole-file.ts';

/** What the files of a search are called; the runs of its trials lie beside them. */
const FILES = {
  /** Written first, with the profile: what a search that broke off goes on from. */
  question: 'question.json',
  /** A line a trial, appended as it ends. */
  trials: 'trials.jsonl',
  /** Written when the search ends, and again when it has gone on. */
  result: 'capacity.json',
} as const;

/** What a search was asked, with the plan of its trials. */
export interface StoredQuestion extends CapacityQuestion {
  profile: Profile;
}

/** The directory of a search. A kill at any moment loses the trial that is on. */
export class CapacityRecord {
  readonly directory: string;
  readonly #trials: AppendFile;

  /**
   * Makes the directory of a new search below `outDir`.
   * @throws {OperatingError} when it cannot be made or written (ERR_STORE)
   */
  static create(outDir: string, question: StoredQuestion): CapacityRecord {
    const directory = join(outDir, question.id);
    onDisk('Cannot create the directory for runs', outDir, () => makeDirectories(outDir));
    onDisk('Cannot create the directory of the search', directory, () => mkdirSync(directory));
    const trials = AppendFile.create(join(directory, FILES.trials));
    const record = new CapacityRecord(directory, trials);
    record.writeQuestion(question);
    return record;
  }

  /**
   * Goes on with the directory of a search that broke off.
   * @throws {OperatingError} when it cannot be written (ERR_STORE)
   */
  static continue(directory: string): CapacityRecord {
    return new CapacityRecord(directory, AppendFile.continue(join(directory, FILES.trials)));
  }

  private constructor(directory: string, trials: AppendFile) {
    this.directory = directory;
    this.#trials = trials;
  }

  /** @throws {OperatingError} when the disk does not take it (ERR_STORE) */
  writeQuestion(question: StoredQuestion): void {
    writeWhole(join(this.directory, FILES.question), jsonText(question));
  }

  /** @throws {OperatingError} when the disk does not take it (ERR_STORE) */
  append(trial: CapacityTrial): void {
    this.#trials.append(`${JSON.stringify(trial)}\n`);
  }

  /** @throws {OperatingError} when the disk does not take it (ERR_STORE) */
  finish(result: CapacityResult): void {
    writeWhole(join(this.directory, FILES.result), jsonText(result));
  }

  /** Harmless when closed already. */
  close(): void {
    this.#trials.close();
  }
}

/**
 * What a search that was stored was asked, and its trials so far; a last line that a kill has torn is dropped.
 * @throws {OperatingError} when there is no such search or a file is damaged (ERR_STORE)
 */
export function readSearch(directory: string): { question: StoredQuestion; trials: CapacityTrial[] } {
  const path = join(directory, FILES.question);
  if (!existsSync(path)) {
    throw storeError(
      `Cannot go on with the search ${directory}: it holds no ${FILES.question}, so it is none`,
    );
  }
  // The profile was validated when it was written.
  const question = readJsonFile(path, CAPACITY_QUESTION_SCHEMA) as StoredQuestion;
  return { question, trials: readJsonLines(join(directory, FILES.trials), CAPACITY_TRIAL_SCHEMA) };
}

/**
 * The result of a search, by its directory or the file itself.
 * @throws {OperatingError} when there is none, or it is damaged (ERR_STORE)
 */
export function readCapacity(path: string): CapacityResult {
  const file = path.endsWith('.json') ? path : join(path, FILES.result);
  if (!existsSync(file)) {
    throw storeError(
      `Cannot read the capacity of ${path}: there is no ${file}; name the directory of a search that has ended, or go on ` +
        'with it (tidemark capacity --resume)',
    );
  }
  return readJsonFile(file, CAPACITY_RESULT_SCHEMA);
}
