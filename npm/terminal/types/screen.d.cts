/** What a session's terminal shows, as data. */

import type { Size } from './session.cjs';

/** Zero-based; `row` counts from the top of the screen, negative rows are history. */
export interface Position {
  /** -1 is the line that left the screen last. */
  readonly row: number;
  /** A wide character has two. */
  readonly col: number;
}

/** Where the cursor is and how it looks. */
export interface Cursor extends Position {
  /** The program may hide it. */
  readonly visible: boolean;
  /** As the program chose it. */
  readonly shape: 'block' | 'underline' | 'bar';
}

/** What the terminal shows, in one consistent state a call, which waits for one slice of output (16 KiB) at most. Works on after the exit. */
export interface Screen {
  /** Columns. */
  readonly cols: number;
  /** Rows, without history. */
  readonly rows: number;
  /** Where it is and how it looks. */
  readonly cursor: Cursor;
  /** Of the window. */
  readonly title: string;
  /** The shell's directory as it said it last: a `file:` URI or a path. */
  readonly cwd: string | null;
  /** The alternate screen is shown, as by editors and pagers. */
  readonly alternate: boolean;
  /** Rows that have left the screen and are kept. */
  readonly historyLines: number;
  /** Grows with every change; for `changes` and `since`. */
  readonly sequence: number;
  /** Finished and running commands, by shell marks (OSC 133, 633), oldest first, at most 1000. */
  readonly commands: readonly CommandMark[];
  /** Lines separated by LF. */
  text(options?: TextOptions): string;
  /** The cells of the screen, row by row; of the rows from `from` to before `to`. */
  cells(options?: { readonly rows?: readonly [from: number, to: number] }): readonly (readonly Cell[])[];
  /** All of it at one moment. */
  snapshot(options?: TextOptions): Snapshot;
  /** Rows that changed since a `sequence`; `null` if too much did: take a `snapshot`. */
  changes(since: number): readonly { readonly row: number; readonly text: string }[] | null;
  /** In lines, of which rows that only wrapped are one; from the oldest on, 1000 unless `limit` says otherwise. Positions are right for wide characters. */
  search(pattern: string | RegExp, options?: { readonly scope?: Scope; readonly limit?: number }): readonly SearchMatch[];
  /** Bytes that repaint another terminal of the same size. */
  toVt(options?: { readonly history?: boolean }): Uint8Array;
  /** A picture as HTML: one `<pre>` with its styles in it. What the program wrote is escaped, and leads nowhere but to web addresses. */
  html(options?: RenderOptions): string;
  /** A picture as SVG, whose text is text. Escaped as that of `html`. */
  svg(options?: RenderOptions): string;
  /**
   * A picture as PNG, drawn on another thread: at scale 1 (the default; 0.5 to 8) with 10 x 20 pixels a cell.
   *
   * @throws {StateError} `UNSUPPORTED`: it would have more than 33,554,432 pixels
   */
  png(options?: RenderOptions & { readonly scale?: number }): Promise<Uint8Array>;
  /** Answers a `clipboardRead` event, in front of later input. Does nothing where `replies.clipboard` is off. */
  answerClipboard(selection: string, data: Uint8Array | string): void;
}

/** How a picture is made. */
export interface RenderOptions {
  /** Colours by name, or one's own, each as `#rrggbb`; the palette has 16. Default `'dark'`. */
  readonly theme?: ThemeName | { readonly foreground: string; readonly background: string; readonly palette: readonly string[] };
  /** Default `'screen'`. */
  readonly scope?: Scope;
  /** Show the cursor, where the program shows it. Default `true`. */
  readonly cursor?: boolean;
}

/** `dark` and `light` are xterm's colours; in `paper` each colour can be read on white. */
export type ThemeName = 'dark' | 'light' | 'paper' | 'solarized-dark' | 'solarized-light' | 'gruvbox-dark' | 'nord' | 'dracula';

/** Which rows. */
export type Scope = 'screen' | 'history' | 'all';

/** A place that `search` found. */
export interface SearchMatch {
  /** The first cell. */
  readonly at: Position;
  /** Behind the last cell. */
  readonly end: Position;
  /** What stands there. */
  readonly text: string;
}

/** Of `text` and `snapshot`. */
export interface TextOptions {
  /** Default `'screen'`. */
  readonly scope?: Scope;
  /** Only rows that changed after this `sequence`. */
  readonly since?: number;
  /** The output of one command, by {@link CommandMark.id}. */
  readonly command?: number;
  /** Join lines that only wrapped. Default `true`. */
  readonly unwrap?: boolean;
  /** Leave out trailing blanks of lines and empty lines at the end. Default `true`. */
  readonly trim?: boolean;
  /** Fold repeated lines into one with a count. Default `false`. */
  readonly fold?: boolean;
  /** Head and tail within so many bytes, the gap marked. Default none. */
  readonly maxBytes?: number;
}

/** The screen at one moment, as plain data. */
export interface Snapshot {
  /** The change that it shows. */
  readonly sequence: number;
  /** Columns and rows. */
  readonly size: Size;
  /** Where it is and how it looks. */
  readonly cursor: Cursor;
  /** Of the window. */
  readonly title: string;
  /** The shell's directory. */
  readonly cwd: string | null;
  /** The alternate screen is shown. */
  readonly alternate: boolean;
  /** The lines of `text`. */
  readonly lines: readonly string[];
  /** Links on the screen (OSC 8). */
  readonly links: readonly { readonly at: Position; readonly end: Position; readonly uri: string }[];
  /** As {@link Screen.commands}. */
  readonly commands: readonly CommandMark[];
}

/** A command that a shell told of by its marks. */
export interface CommandMark {
  /** Counts up from 1. */
  readonly id: number;
  /** What was typed, if the shell says it. */
  readonly command: string | null;
  /** The shell's directory when it began. */
  readonly cwd: string | null;
  /** `null` while it runs, or if the shell does not say. */
  readonly exitCode: number | null;
  /** It has not ended. */
  readonly running: boolean;
  /** When its output began. */
  readonly startedAt: Date;
  /** From there to its end; `null` while it runs. */
  readonly durationMs: number | null;
}

/** Palette index, `#rrggbb`, or `null` for the default. */
export type Color = number | string | null;

/** A cell and how it looks. */
export interface Cell {
  /** One character with all that combines with it; `''` for the second half of a wide one. */
  readonly text: string;
  /** 0 for a second half. */
  readonly width: 0 | 1 | 2;
  /** Of the text. */
  readonly foreground: Color;
  /** Behind it. */
  readonly background: Color;
  /** Bold. */
  readonly bold: boolean;
  /** Faint. */
  readonly dim: boolean;
  /** Slanted. */
  readonly italic: boolean;
  /** Blinking. */
  readonly blink: boolean;
  /** The line below. */
  readonly underline: 'none' | 'single' | 'double' | 'curly' | 'dotted' | 'dashed';
  /** Of that line; `null` is that of the text. */
  readonly underlineColor: Color;
  /** The line above. */
  readonly overline: boolean;
  /** Foreground and background change places. */
  readonly inverse: boolean;
  /** Not to be seen. */
  readonly hidden: boolean;
  /** Struck through. */
  readonly strike: boolean;
  /** Where it leads (OSC 8). */
  readonly link: string | null;
}
