/* The vectors of a Cortex-M4F in QEMU (mps2-an386), and what is needed before main. */
#include <stdint.h>

extern int main(void);
extern uint8_t data_from[], data_to[], data_end[], bss_begin[], bss_end[];

static void reset(void) {
  uint8_t *to, *from = data_from;
  *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20; /* the FPU */
  for (to = data_to; to < data_end;) *to++ = *from++;
  for (to = bss_begin; to < bss_end;) *to++ = 0;
  main();
  for (;;) {
  }
}

static void fault(void) {
  for (;;) {
  }
}

__attribute__((section(".vectors"), used)) static void (*const vectors[])(void) = {
    (void (*)(void))0x20100000, reset, fault, fault, fault, fault, fault};
