# Completion of sallyport for Bash 4 and newer. In ~/.bashrc:  source <(sallyport completion bash)
_sallyport() {
  local kind=''
  COMPREPLY=()
  {
    IFS= read -r kind
    mapfile -t COMPREPLY
  } < <(command sallyport complete bash -- "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null </dev/null)
  case $kind in
    file) compopt -o default 2>/dev/null ;;
    folder) compopt -o dirnames 2>/dev/null ;;
  esac
}
complete -F _sallyport sallyport
