# Completion of sallyport for fish:  sallyport completion fish > ~/.config/fish/completions/sallyport.fish
function __sallyport_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l flag (string match -r -- '^--[^=]*=' "$current")
    set -l lines (command sallyport complete fish -- $words[2..-1] "$current" 2>/dev/null </dev/null)
    switch "$lines[1]"
        case file
            for path in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' "$current"))
                echo "$flag$path"
            end
        case folder
            for path in (__fish_complete_directories (string replace -r -- '^--[^=]*=' '' "$current"))
                echo "$flag$path"
            end
        case words
            if set -q lines[2]
                printf '%s\n' $lines[2..-1]
            end
    end
end
complete -c sallyport -f -a '(__sallyport_complete)'
