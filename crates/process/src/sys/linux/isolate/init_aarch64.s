// PID 1 of an isolated tree, a whole ELF file: AArch64. What it does is told in init.rs.
    .pushsection .rodata.vetty_init, "a", @progbits
    .balign 16
    .globl vetty_init_image
    .hidden vetty_init_image
vetty_init_image:
    .byte 0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0
    .quad 0
    .short 3                            // ET_DYN: the kernel chooses where it lies
    .short 183                          // EM_AARCH64
    .long 1
    .quad vetty_init_entry - vetty_init_image
    .quad 64                            // the program headers follow
    .quad 0
    .long 0
    .short 64, 56, 2, 64, 0, 0
    .long 1, 5                          // PT_LOAD, readable and executable: the whole file
    .quad 0, 0, 0
    .quad vetty_init_image_end - vetty_init_image
    .quad vetty_init_image_end - vetty_init_image
    .quad 0x10000
    .long 0x6474e551, 6                 // PT_GNU_STACK: not executable
    .quad 0, 0, 0, 0, 0, 16
vetty_init_name:
    .asciz "vetty-init"
    .balign 16
vetty_init_entry:
    mov     x8, #167                    // prctl(PR_SET_DUMPABLE, 0)
    mov     x0, #4
    mov     x1, #0
    svc     #0
    mov     x8, #167                    // prctl(PR_SET_NAME, name)
    mov     x0, #15
    adr     x1, vetty_init_name
    svc     #0
    sub     sp, sp, #160
    mov     x9, #-1                     // every signal
    str     x9, [sp]
2:  mov     x8, #137                    // rt_sigtimedwait(&mask, &info, NULL, 8)
    mov     x0, sp
    add     x1, sp, #16
    mov     x2, #0
    mov     x3, #8
    svc     #0
    tbnz    w0, #31, 2b
    cmp     w0, #17                     // SIGCHLD
    b.eq    3f
    ldr     w9, [sp, #32]               // info.si_pid: zero for who is outside
    cbnz    w9, 2b
    mov     w1, w0
    mov     x8, #129                    // kill(-1, signal)
    mov     x0, #-1
    svc     #0
    b       2b
3:  mov     x8, #260                    // wait4(-1, NULL, WNOHANG | __WALL, NULL)
    mov     x0, #-1
    mov     x1, #0
    mov     w2, #1
    movk    w2, #0x4000, lsl #16
    mov     x3, #0
    svc     #0
    cmp     w0, #0
    b.gt    3b
    mov     x8, #129                    // kill(-1, 0)
    mov     x0, #-1
    mov     x1, #0
    svc     #0
    cmn     w0, #3                      // ESRCH: nobody else is left
    b.ne    2b
    mov     x8, #94                     // exit_group(0)
    mov     x0, #0
    svc     #0
    brk     #1
    .globl vetty_init_image_end
    .hidden vetty_init_image_end
vetty_init_image_end:
    .popsection
