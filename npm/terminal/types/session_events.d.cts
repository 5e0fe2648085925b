/** What a session is told of by its output, and what is done with its mouse. */

import type { Exit } from './basics.cjs';
import type { CommandMark, Position } from './screen.cjs';
import type { Size } from './session.cjs';

/** Something that happened in a session. Nothing of it has had an effect on the host. */
export type SessionEvent =
  /** The title of the window is now this. */
  | { readonly type: 'title'; readonly title: string }
  /** BEL. */
  | { readonly type: 'bell' }
  /** The shell's directory, as it said it (OSC 7, 633, 1337). */
  | { readonly type: 'cwd'; readonly uri: string }
  /** OSC 9, 99, 777. */
  | { readonly type: 'notification'; readonly title: string | null; readonly body: string }
  /** OSC 9;4. */
  | { readonly type: 'progress'; readonly state: 'none' | 'normal' | 'error' | 'indeterminate' | 'paused'; readonly percent: number | null }
  /** A program wants to set the clipboard (OSC 52). */
  | { readonly type: 'clipboard'; readonly selection: string; readonly data: Uint8Array }
  /** A program asks what the clipboard holds; only where `replies.clipboard` is on. */
  | { readonly type: 'clipboardRead'; readonly selection: string }
  /** A picture. It is not drawn; `payload` is `null` where it is larger than 4 MiB, or in a file (`file`) that was not read: see `sessions.imageFiles`. */
  | {
      readonly type: 'image';
      readonly protocol: 'kitty' | 'sixel' | 'iterm2';
      readonly at: Position;
      readonly pixels: { readonly width: number; readonly height: number } | null;
      readonly cells: Size | null;
      readonly bytes: number;
      readonly payload: Uint8Array | null;
      readonly file: string | null;
    }
  /** A command began or ended, by shell marks. */
  | { readonly type: 'command'; readonly command: CommandMark }
  /** The alternate screen is shown, or no longer. */
  | { readonly type: 'alternateScreen'; readonly active: boolean }
  /** Changed by `resize`. */
  | { readonly type: 'resize'; readonly size: Size }
  /** So many events were dropped before the next one: at most 1024 wait, and 16 MiB. */
  | { readonly type: 'lag'; readonly dropped: number }
  /** The last one. */
  | { readonly type: 'exit'; readonly exit: Exit };

/** Of `mouse`. */
export interface MouseInput {
  /** `click` is a press and a release. */
  readonly action: 'press' | 'release' | 'move' | 'click' | 'scrollUp' | 'scrollDown';
  /** Default `'left'`; of a move, the one that is held: none. */
  readonly button?: 'left' | 'middle' | 'right';
  /** Over which cell of the screen. */
  readonly at: Position;
  /** What is held. Default none. */
  readonly modifiers?: readonly ('shift' | 'alt' | 'ctrl')[];
}
