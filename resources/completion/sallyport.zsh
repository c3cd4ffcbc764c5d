#compdef sallyport
# Completion of sallyport for zsh. In ~/.zshrc, after compinit:  source <(sallyport completion zsh)
_sallyport() {
  local kind tab=$'\t'
  local -a lines names shown
  lines=("${(@f)$(command sallyport complete zsh -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null </dev/null)}")
  kind=$lines[1]
  shift lines
  case $kind in
    file)
      compset -P '--*='
      _files
      ;;
    folder)
      compset -P '--*='
      _files -/
      ;;
    words)
      (( $#lines )) || return 1
      names=("${(@)lines%%$tab*}")
      # Names have no description.
      shown=("${(@)${(@)lines/%$tab/}/$tab/  }")
      compadd -l -d shown -a names
      ;;
  esac
}
if [ "$funcstack[1]" = _sallyport ]; then _sallyport "$@"; else compdef _sallyport sallyport; fi
