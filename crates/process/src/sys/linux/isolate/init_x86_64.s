# PID 1 of an isolated tree, a whole ELF file: x86-64, Intel syntax. What it does is told in init.rs.
    .pushsection .rodata.vetty_init, "a", @progbits
    .balign 16
    .globl vetty_init_image
    .hidden vetty_init_image
vetty_init_image:
    .byte 0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0
    .quad 0
    .short 3                            # ET_DYN: the kernel chooses where it lies
    .short 62                           # EM_X86_64
    .long 1
    .quad vetty_init_entry - vetty_init_image
    .quad 64                            # the program headers follow
    .quad 0
    .long 0
    .short 64, 56, 2, 64, 0, 0
    .long 1, 5                          # PT_LOAD, readable and executable: the whole file
    .quad 0, 0, 0
    .quad vetty_init_image_end - vetty_init_image
    .quad vetty_init_image_end - vetty_init_image
    .quad 0x1000
    .long 0x6474e551, 6                 # PT_GNU_STACK: not executable
    .quad 0, 0, 0, 0, 0, 16
vetty_init_name:
    .asciz "vetty-init"
    .balign 16
vetty_init_entry:
    mov     eax, 157                    # prctl(PR_SET_DUMPABLE, 0)
    mov     edi, 4
    xor     esi, esi
    syscall
    mov     eax, 157                    # prctl(PR_SET_NAME, name)
    mov     edi, 15
    lea     rsi, [rip + vetty_init_name]
    syscall
    sub     rsp, 160
    mov     qword ptr [rsp], -1         # every signal
2:  mov     eax, 128                    # rt_sigtimedwait(&mask, &info, NULL, 8)
    mov     rdi, rsp
    lea     rsi, [rsp + 16]
    xor     edx, edx
    mov     r10d, 8
    syscall
    test    eax, eax
    js      2b
    cmp     eax, 17                     # SIGCHLD
    je      3f
    cmp     dword ptr [rsp + 32], 0     # info.si_pid: zero for who is outside
    jne     2b
    mov     esi, eax
    mov     eax, 62                     # kill(-1, signal)
    mov     rdi, -1
    syscall
    jmp     2b
3:  mov     eax, 61                     # wait4(-1, NULL, WNOHANG | __WALL, NULL)
    mov     rdi, -1
    xor     esi, esi
    mov     edx, 0x40000001
    xor     r10d, r10d
    syscall
    test    eax, eax
    jg      3b
    mov     eax, 62                     # kill(-1, 0)
    mov     rdi, -1
    xor     esi, esi
    syscall
    cmp     eax, -3                     # ESRCH: nobody else is left
    jne     2b
    mov     eax, 231                    # exit_group(0)
    xor     edi, edi
    syscall
    ud2
    .globl vetty_init_image_end
    .hidden vetty_init_image_end
vetty_init_image_end:
    .popsection
