;; Reads ordinary segments with SIMD, 16 bytes at a step: the hot loop of scan.ts for what nearly all segments are. It
;; leaves at the first segment that is anything else (a tag the tokenizer must look at, an empty segment, an odd byte
;; before a tag, a released or unexpected line break) or not complete; scan.ts reads that one and comes back.
;; `npm run wasm` compiles it into simd-scan-wasm.ts.
;;
;; Memory: the input from 0, up to 32 KB with 16 blanks after it; rows as block.ts wants them from 65536 on, at most
;; two numbers for each byte.
(module
  (memory (export "memory") 5)

  ;; How to read; set by `use`.
  (global $element (mut i32) (i32.const 0))
  (global $terminator (mut i32) (i32.const 0))
  (global $release (mut i32) (i32.const 0))
  (global $repetition (mut i32) (i32.const 0))
  (global $tag0 (mut i32) (i32.const 0))
  (global $tag1 (mut i32) (i32.const 0))
  (global $tag2 (mut i32) (i32.const 0))
  (global $tag3 (mut i32) (i32.const 0))

  ;; What the last `run` gave: whether it left for want of bytes, numbers in rows, segments, line breaks up to the end of
  ;; the last one, whether one stood between segments, a character was released, a byte was above 0x7F; whether there may
  ;; be control characters or separators of repetitions in segments (line ends between them do not count).
  (global $isShort (export "isShort") (mut i32) (i32.const 0))
  (global $used (export "used") (mut i32) (i32.const 0))
  (global $segments (export "segments") (mut i32) (i32.const 0))
  (global $breaks (export "breaks") (mut i32) (i32.const 0))
  (global $sawBreak (export "sawBreak") (mut i32) (i32.const 0))
  (global $hasRelease (export "hasRelease") (mut i32) (i32.const 0))
  (global $high (export "high") (mut i32) (i32.const 0))
  (global $odd (export "odd") (mut i32) (i32.const 0))

  ;; Without a release character $release is the terminator, without repetitions $repetition is NUL. A tag is its first three bytes, the first one lowest.
  (func (export "use")
    (param $e i32) (param $t i32) (param $r i32) (param $p i32)
    (param $t0 i32) (param $t1 i32) (param $t2 i32) (param $t3 i32)
    (global.set $element (local.get $e))
    (global.set $terminator (local.get $t))
    (global.set $release (local.get $r))
    (global.set $repetition (local.get $p))
    (global.set $tag0 (local.get $t0))
    (global.set $tag1 (local.get $t1))
    (global.set $tag2 (local.get $t2))
    (global.set $tag3 (local.get $t3)))

  ;; 1 for a CR, or an LF at $at that no CR stands before; the byte before the input is $previous.
  (func $isLineEnd (param $at i32) (param $byte i32) (param $previous i32) (result i32)
    (if (result i32) (i32.eq (local.get $byte) (i32.const 13))
      (then (i32.const 1))
      (else
        (i32.ne
          (i32.const 13)
          (if (result i32) (local.get $at)
            (then (i32.load8_u (i32.sub (local.get $at) (i32.const 1))))
            (else (local.get $previous)))))))

  ;; Reads from $at, where a segment begins or the gap before it, up to $length; $base is what position 0 counts as in
  ;; rows. $watch: leave at a line break inside a segment. Gives where the last complete segment ends.
  (func (export "run")
    (param $at i32) (param $length i32) (param $base i32) (param $previous i32)
    (param $watch i32) (param $maxSegment i32)
    (result i32)
    (local $elements v128) (local $terminators v128) (local $releases v128) (local $repetitions v128)
    (local $bytes v128) (local $lineEnds v128) (local $all v128) (local $odd v128)
    (local $block i32) (local $hits i32) (local $stop i32) (local $byte i32) (local $tag i32)
    (local $gap i32) (local $start i32) (local $row i32) (local $to i32)
    (local $breaks i32) (local $sawBreak i32) (local $end i32)
    (local.set $elements (i8x16.splat (global.get $element)))
    (local.set $terminators (i8x16.splat (global.get $terminator)))
    (local.set $releases (i8x16.splat (global.get $release)))
    (local.set $repetitions (i8x16.splat (global.get $repetition)))
    (local.set $to (i32.const 65536))
    (local.set $end (local.get $at))
    (local.set $block (i32.sub (i32.and (local.get $at) (i32.const -16)) (i32.const 16)))
    (global.set $isShort (i32.const 0))
    (global.set $hasRelease (i32.const 0))
    (global.set $odd (i32.const 0))
    (global.set $used (i32.const 0))
    (global.set $segments (i32.const 0))
    (global.set $breaks (i32.const 0))
    (block $leave (block $short
      (loop $segment
        (local.set $gap (local.get $at))
        (block $atTag
          (loop $blank
            (br_if $short (i32.ge_u (local.get $at) (local.get $length)))
            (local.set $byte (i32.load8_u (local.get $at)))
            (br_if $atTag (i32.gt_u (local.get $byte) (i32.const 32)))
            (if (i32.or
                  (i32.eq (local.get $byte) (i32.const 10))
                  (i32.eq (local.get $byte) (i32.const 13)))
              (then
                (if (call $isLineEnd (local.get $at) (local.get $byte) (local.get $previous))
                  (then
                    (local.set $sawBreak (i32.const 1))
                    (local.set $breaks (i32.add (local.get $breaks) (i32.const 1))))))
              (else (br_if $leave (i32.ne (local.get $byte) (i32.const 32)))))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $blank)))
        (br_if $short (i32.ge_u (i32.add (local.get $at) (i32.const 3)) (local.get $length)))
        (local.set $tag (i32.and (i32.load (local.get $at)) (i32.const 0xffffff)))
        (br_if $leave (i32.eq (local.get $tag) (global.get $tag0)))
        (br_if $leave (i32.eq (local.get $tag) (global.get $tag1)))
        (br_if $leave (i32.eq (local.get $tag) (global.get $tag2)))
        (br_if $leave (i32.eq (local.get $tag) (global.get $tag3)))
        (local.set $start (local.get $at))
        (local.set $row (local.get $to))
        (local.set $to (i32.add (local.get $to) (i32.const 12)))
        (block $atTerminator
          (loop $next
            (block $hit
              (br_if $hit (local.get $hits))
              (loop $step
                (local.set $block (i32.add (local.get $block) (i32.const 16)))
                (br_if $short (i32.ge_s (local.get $block) (local.get $length)))
                (local.set $bytes (v128.load (local.get $block)))
                (local.set $all (v128.or (local.get $all) (local.get $bytes)))
                (local.set $lineEnds
                  (v128.or
                    (i8x16.eq (local.get $bytes) (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10))
                    (i8x16.eq (local.get $bytes) (v128.const i8x16 13 13 13 13 13 13 13 13 13 13 13 13 13 13 13 13))))
                (local.set $odd
                  (v128.or
                    (local.get $odd)
                    (v128.or
                      (v128.andnot
                        (i8x16.lt_u (local.get $bytes) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32))
                        (local.get $lineEnds))
                      (v128.or
                        (i8x16.eq (local.get $bytes) (v128.const i8x16 127 127 127 127 127 127 127 127 127 127 127 127 127 127 127 127))
                        (i8x16.eq (local.get $bytes) (local.get $repetitions))))))
                (local.set $hits
                  (i8x16.bitmask
                    (v128.or
                      (v128.or
                        (i8x16.eq (local.get $bytes) (local.get $elements))
                        (i8x16.eq (local.get $bytes) (local.get $terminators)))
                      (v128.or
                        (i8x16.eq (local.get $bytes) (local.get $releases))
                        (local.get $lineEnds)))))
                (br_if $step (i32.eqz (local.get $hits)))))
            (local.set $stop (i32.add (local.get $block) (i32.ctz (local.get $hits))))
            (local.set $hits (i32.and (local.get $hits) (i32.sub (local.get $hits) (i32.const 1))))
            ;; Passed over with the gap, or released.
            (br_if $next (i32.lt_s (local.get $stop) (local.get $at)))
            (br_if $short (i32.ge_s (local.get $stop) (local.get $length)))
            (local.set $byte (i32.load8_u (local.get $stop)))
            (if (i32.eq (local.get $byte) (global.get $element))
              (then
                (i32.store (local.get $to) (i32.add (local.get $base) (local.get $stop)))
                (local.set $to (i32.add (local.get $to) (i32.const 4)))
                (br $next)))
            (br_if $atTerminator (i32.eq (local.get $byte) (global.get $terminator)))
            (if (i32.eq (local.get $byte) (global.get $release))
              (then
                (global.set $hasRelease (i32.const 1))
                (local.set $at (i32.add (local.get $stop) (i32.const 2)))
                (br_if $short (i32.gt_s (local.get $at) (local.get $length)))
                (local.set $byte (i32.load8_u (i32.add (local.get $stop) (i32.const 1))))
                (br_if $leave (i32.eq (local.get $byte) (i32.const 10)))
                (br_if $leave (i32.eq (local.get $byte) (i32.const 13)))
                (br $next)))
            (br_if $leave (i32.and (local.get $watch) (i32.eqz (local.get $sawBreak))))
            (global.set $odd (i32.const 1))
            (local.set $breaks
              (i32.add (local.get $breaks)
                (call $isLineEnd (local.get $stop) (local.get $byte) (local.get $previous))))
            (br $next)))
        (br_if $leave (i32.eq (local.get $stop) (local.get $start)))
        (br_if $leave
          (i32.gt_u (i32.sub (local.get $stop) (local.get $start)) (local.get $maxSegment)))
        ;; A line break may be the terminator.
        (if (i32.or
              (i32.eq (local.get $byte) (i32.const 10))
              (i32.eq (local.get $byte) (i32.const 13)))
          (then
            (local.set $breaks
              (i32.add (local.get $breaks)
                (call $isLineEnd (local.get $stop) (local.get $byte) (local.get $previous))))))
        (i32.store (local.get $row)
          (i32.shr_u
            (i32.sub (i32.sub (local.get $to) (local.get $row)) (i32.const 12))
            (i32.const 2)))
        (i32.store offset=4 (local.get $row) (i32.add (local.get $base) (local.get $gap)))
        (i32.store offset=8 (local.get $row) (i32.add (local.get $base) (local.get $start)))
        (i32.store (local.get $to) (i32.add (local.get $base) (local.get $stop)))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (local.set $at (i32.add (local.get $stop) (i32.const 1)))
        (local.set $end (local.get $at))
        (global.set $used
          (i32.shr_u (i32.sub (local.get $to) (i32.const 65536)) (i32.const 2)))
        (global.set $segments (i32.add (global.get $segments) (i32.const 1)))
        (global.set $breaks (local.get $breaks))
        (br $segment)))
      (global.set $isShort (i32.const 1)))
    (global.set $sawBreak (local.get $sawBreak))
    (if (v128.any_true (local.get $odd)) (then (global.set $odd (i32.const 1))))
    (global.set $high (i32.ne (i32.const 0) (i8x16.bitmask (local.get $all))))
    (local.get $end)))
