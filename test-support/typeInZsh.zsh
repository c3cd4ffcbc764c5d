# Types $1 and the Tab key into an interactive zsh that has loaded the script of `sallyport completion zsh`. Prints the lines
# that it offers, an empty line, and the words of the completed line as zsh reads them.
if [[ ! -o interactive ]]; then
  zmodload zsh/zpty
  zpty shell zsh -f -i
  zpty -w shell "source ${(q)0:a}"
  zpty -r shell answer '*READY*'
  zpty -w -n shell "$1"$'\t\x07'
  zpty -r shell answer '*>>>*'
  answer=${answer##*<<<}
  print -rn -- "${${answer%%>>>*}//$'\r'/}"
  zpty -d shell
  exit
fi
PS1= RPS1= LISTMAX=1000
unsetopt prompt_cr beep
autoload -Uz compinit
compinit -u -D
source <(sallyport completion zsh)
typeset -ga listed offered
# What the script offers, as far as it fits to the word.
compadd() {
  if [[ $funcstack[2] == _sallyport ]]; then
    listed=("${(@)shown}")
    builtin compadd -O offered -D listed "$@"
  fi
  builtin compadd "$@"
}
report() {
  local -a words
  words=("${(@Q)${(z)BUFFER}}")
  print -rn -- "<<<${(F)listed}"$'\n\n'"${(F)words}>>>"
}
zle -N report
bindkey '^G' report
print READY
