use punctual_model::*; use punctual::sampling::Prepared;
fn main(){
 for (name,text) in punctual_scenarios::library(){
  let sc=punctual_scenarios::Scenario::parse(name,text).unwrap();
  for case in &sc.cases {
   let p=Prepared::new(case);
   let t=p.sample(0x5eed,0..5000);
   #[allow(clippy::disallowed_methods)]
   for d in t.deliveries.delays(){
     let t0=std::time::Instant::now();
     let s=punctual::proof::spans(&p,Stretch::delivery(d.event,d.client),200_000);
     println!("{name} {:?} {} {:?} sampled {:?} {:?}",case.variant,case.system.event_name(d.event),s,d.summary().map(|s|s.max),t0.elapsed());
   }
  }
 }
}
