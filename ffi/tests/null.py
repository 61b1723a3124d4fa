#!/usr/bin/env python3
"""Writes a C program that calls every function of the header with NULL and 0."""
import re
import sys

text = re.sub(r"/\*.*?\*/", "", open(sys.argv[1]).read(), flags=re.S)
text = text[text.index('extern "C"'):]
print('#include <mailwire.h>\n#include <stdio.h>\n#include <string.h>')
print("static int bad;\nstatic void is_null(const char *name, mw_result result) {")
print('  if (result != MW_ERR_NULL) { printf("%s(NULL): %s\\n", name, mw_result_name(result)); bad = 1; }\n}')
print("int main(void) {\n  mw_bytes none;\n  memset(&none, 0, sizeof none);")
count = 0
for kind, name, params in re.findall(r"\n([\w ]+?[ *]+)(mw_\w+)\(([^;]*?)\);", text):
    params = [] if params.strip() == "void" else [p.strip() for p in params.split(",")]
    args = ", ".join("NULL" if "*" in p else "none" if p.startswith(("mw_bytes", "struct mw_bytes")) else "0" for p in params)
    call = f"{name}({args})"
    if kind.strip() == "mw_result":
        print(f'  is_null("{name}", {call});')
    elif kind.strip() == "void":
        print(f"  {call};")
    else:
        print(f"  (void){call};")
    count += 1
print(f'  printf("{count} functions\\n");\n  return bad;\n}}')
