# bash completion of annals-replay; made by 'annals-replay completion'.
_annals_replay() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' word words
  local commands='verify timeline records state diff why why-not blockers step compare what-if export import manual completion'
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ " $commands " == *" $word "* ]]; then command=$word && break; fi
  done
  case $previous in
    --journal | --patch) mapfile -t COMPREPLY < <(compgen -f -- "$current") && return ;;
    -o | --output) mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$current") && return ;;
    --kind)
      mapfile -t COMPREPLY < <(compgen -W 'fact decision intent outcome timer command marker' -- "$current")
      return ;;
    --cluster | --from | --to | --at | --type) return ;;
  esac
  words=' --journal --output --no-color --help'
  case $command in
    '') words+=" $commands" ;;
    verify) words+=' --cluster --from --to --hash --strict' ;;
    timeline) words+=' --cluster --from --to --kind --type --story' ;;
    records) words+=' --cluster --from --to --kind --type --recomputed' ;;
    state) words+=' --cluster --at --hash' ;;
    diff) words+=' --cluster --from --to' ;;
    why) words+=' --cluster --from --to' ;;
    why-not) words+=' --cluster --from --to' ;;
    blockers) words+=' --cluster --at' ;;
    step) words+=' --cluster --from --to' ;;
    compare) words+=' --cluster --from --to' ;;
    what-if) words+=' --patch --cluster --from --to' ;;
    export) words+=' --cluster --from --to' ;;
    import) words+='' ;;
    manual) words+='' ;;
    completion) words+='' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [[ $current != -* && $command =~ ^(export|import|compare)$ ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -o filenames -F _annals_replay annals-replay
