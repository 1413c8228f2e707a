/*
 * fiber_aarch64.S: the switch between stacks for AAPCS64. The contract is in switch.h.
 *
 * A stack that does not run holds 160 bytes from its saved stack pointer upwards: x29 x30, x19 to x28, d8 to d15. A switch is
 * 26 instructions.
 */
#include "base/config.h"

#if defined(__aarch64__) && !defined(CLEF_FIBERS_UCONTEXT)
        .text

        .globl  clef__machine_switch
        .hidden clef__machine_switch
        .type   clef__machine_switch, %function
        .balign 32
clef__machine_switch:
        .cfi_startproc
        hint    #34                             /* bti c */
        stp     x29, x30, [sp, #-160]!
        .cfi_def_cfa_offset 160
        .cfi_offset x29, -160
        .cfi_offset x30, -152
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        stp     x23, x24, [sp, #48]
        stp     x25, x26, [sp, #64]
        stp     x27, x28, [sp, #80]
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        .cfi_offset x19, -144
        .cfi_offset x20, -136
        .cfi_offset x21, -128
        .cfi_offset x22, -120
        .cfi_offset x23, -112
        .cfi_offset x24, -104
        .cfi_offset x25, -96
        .cfi_offset x26, -88
        .cfi_offset x27, -80
        .cfi_offset x28, -72
        mov     x9, sp
        str     x9, [x0]
        ldr     x9, [x1]
        mov     sp, x9
        ldp     x19, x20, [sp, #16]
        ldp     x21, x22, [sp, #32]
        ldp     x23, x24, [sp, #48]
        ldp     x25, x26, [sp, #64]
        ldp     x27, x28, [sp, #80]
        ldp     d8, d9, [sp, #96]
        ldp     d10, d11, [sp, #112]
        ldp     d12, d13, [sp, #128]
        ldp     d14, d15, [sp, #144]
        ldp     x29, x30, [sp], #160
        .cfi_def_cfa_offset 0
        ret
        .cfi_endproc
        .size   clef__machine_switch, .-clef__machine_switch

/* Where a new stack begins: x19 holds the function, x20 its argument. x30 undefined ends an unwinder's walk. */
        .globl  clef__machine_entry
        .hidden clef__machine_entry
        .type   clef__machine_entry, %function
        .balign 16
clef__machine_entry:
        .cfi_startproc
        .cfi_undefined x30
        .cfi_undefined x29
        hint    #36                             /* bti j */
        mov     x0, x20
        blr     x19
        brk     #1
        .cfi_endproc
        .size   clef__machine_entry, .-clef__machine_entry
#endif

#if defined(__linux__) && defined(__ELF__)
        .section .note.GNU-stack, "", %progbits
#endif
