/** The road behind the headline: lanes that run to the horizon. Decoration only. */
export function Road() {
  return (
    <svg aria-hidden viewBox="0 0 900 420" preserveAspectRatio="xMidYMax slice" className="pointer-events-none absolute inset-y-0 right-0 hidden h-full w-[62%] [mask-image:radial-gradient(closest-side,black_30%,transparent)] lg:block">
      <g className="stroke-border" fill="none" strokeWidth="1.5">
        {[-900, -500, -220, 1120, 1400, 1800].map((x) => (
          <line key={x} x1="520" y1="-40" x2={x} y2="420" />
        ))}
        <line x1="520" y1="-40" x2="60" y2="420" className="stroke-input" />
        <line x1="520" y1="-40" x2="980" y2="420" className="stroke-input" />
        <line x1="520" y1="0" x2="520" y2="420" strokeDasharray="22 26" strokeWidth="3" className="stroke-chart-3" />
      </g>
    </svg>
  )
}
