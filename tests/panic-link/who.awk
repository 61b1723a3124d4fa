# Reads the LLVM IR of the whole linked program (`--emit llvm-ir` with fat LTO) and prints
# which lines of ours call, through inlined code of the standard library too, what can panic.
/^define / {
    match($0, /@[^(]+/)
    function_name = substr($0, RSTART + 1, RLENGTH - 1)
    subprogram[function_name] = match($0, /!dbg ![0-9]+/) ? substr($0, RSTART + 5, RLENGTH - 5) : ""
}
/ call .*@/ && !/^;/ {
    dbg = match($0, /!dbg ![0-9]+/) ? substr($0, RSTART + 5, RLENGTH - 5) : ""
    match($0, /@[^(]+/)
    calls++
    caller[calls] = function_name
    callee[calls] = substr($0, RSTART + 1, RLENGTH - 1)
    at[calls] = dbg
}
/^![0-9]+ = / {
    for (i = 1; i <= NF; i++) {
        word = $i
        gsub(/[,)]|^.*\(/, "", word)
        key = $(i - 1)
        sub(/^.*\(/, "", key)
        if (key == "scope:") scope[$1] = word
        if (key == "file:") file[$1] = word
        if (key == "inlinedAt:") inlined[$1] = word
        if (key == "line:") line[$1] = word
    }
    if (/!DIFile\(/) {
        split($0, quoted, "\"")
        folders = split(quoted[4], folder, "/")
        name[$1] = quoted[2] ~ /^\// ? quoted[2] : folder[folders] "/" quoted[2]
        # The standard library's files are named by where they were built.
        theirs[$1] = (quoted[2] quoted[4]) ~ /\/rustc\//
    }
}
function file_of(node) {
    while (node != "" && file[node] == "") node = scope[node]
    return file[node]
}
END {
    can["mailwire_can_panic"] = 1
    do {
        grown = 0
        for (i = 1; i <= calls; i++)
            if (callee[i] in can && !(caller[i] in can)) { can[caller[i]] = 1; grown = 1 }
    } while (grown)
    for (i = 1; i <= calls; i++) {
        if (!(callee[i] in can) || callee[i] == "mailwire_can_panic") continue
        # Only where we leave our own code: deeper calls are reported by themselves.
        s = subprogram[callee[i]]
        if (s != "" && !theirs[file_of(s)]) continue
        text = innermost = ""
        for (node = at[i]; node != ""; node = inlined[node]) {
            f = file_of(scope[node])
            if (theirs[f]) continue
            place = name[f] ":" line[node]
            if (innermost == "") innermost = place
            text = text (text == "" ? "    " : "\n        < ") place
        }
        # One way to each is enough.
        if (text != "" && !seen[innermost, callee[i]]++) print text "\n        calls " callee[i]
    }
}
