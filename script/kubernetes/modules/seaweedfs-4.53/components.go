//go:build components

package annals

import _ "github.com/seaweedfs/seaweedfs/weed"
