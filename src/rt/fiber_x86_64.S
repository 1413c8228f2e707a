/*
 * fiber_x86_64.S: the switch between stacks for the System V ABI on x86-64. The contract is in switch.h.
 *
 * A stack that does not run holds, from its saved stack pointer upwards: r15 r14 r13 r12 rbx rbp, and the address to go
 * on at. A switch is 16 instructions (and an endbr64 when branch tracking is on). It ends by an indirect jump: a `ret` would be predicted to return to the side that
 * was left.
 */
#include "base/config.h"

#if defined(__x86_64__) && !defined(CLEF_FIBERS_UCONTEXT)
/* cet.h marks the object for what -fcf-protection asks; only branch tracking is true of this code. */
#if defined(__CET__) && __CET__ == 1
#include <cet.h>
#else
#define _CET_ENDBR
#endif
        .text

        .globl  clef__machine_switch
        .hidden clef__machine_switch
        .type   clef__machine_switch, @function
        .balign 32
clef__machine_switch:
        .cfi_startproc
        _CET_ENDBR
        pushq   %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rbp, 0
        pushq   %rbx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rbx, 0
        pushq   %r12
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r12, 0
        pushq   %r13
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r13, 0
        pushq   %r14
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r14, 0
        pushq   %r15
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r15, 0
        movq    %rsp, (%rdi)
        movq    (%rsi), %rsp
        popq    %r15
        .cfi_adjust_cfa_offset -8
        .cfi_restore %r15
        popq    %r14
        .cfi_adjust_cfa_offset -8
        .cfi_restore %r14
        popq    %r13
        .cfi_adjust_cfa_offset -8
        .cfi_restore %r13
        popq    %r12
        .cfi_adjust_cfa_offset -8
        .cfi_restore %r12
        popq    %rbx
        .cfi_adjust_cfa_offset -8
        .cfi_restore %rbx
        popq    %rbp
        .cfi_adjust_cfa_offset -8
        .cfi_restore %rbp
        popq    %rcx
        .cfi_adjust_cfa_offset -8
        .cfi_register %rip, %rcx
        notrack jmp *%rcx
        .cfi_endproc
        .size   clef__machine_switch, .-clef__machine_switch

/*
 * Where a new stack begins: r12 holds the function, r13 its argument. The return address is undefined here, which is
 * what tells an unwinder that this frame is the outermost; rbp is 0 for those that follow frame pointers.
 */
        .globl  clef__machine_entry
        .hidden clef__machine_entry
        .type   clef__machine_entry, @function
        .balign 16
clef__machine_entry:
        .cfi_startproc
        .cfi_undefined %rip
        .cfi_undefined %rbp
        movq    %r13, %rdi
        call    *%r12
        ud2
        .cfi_endproc
        .size   clef__machine_entry, .-clef__machine_entry
#endif

#if defined(__linux__) && defined(__ELF__)
        .section .note.GNU-stack, "", %progbits
#endif
